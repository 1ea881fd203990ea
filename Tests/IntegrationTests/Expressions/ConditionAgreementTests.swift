import KubernetesModel
import Testing

@testable import APIServer
@testable import UmpireLocal

/// Every condition of the webhooks of admission, evaluated by two implementations of the language.
@Suite(.timeLimit(.minutes(3))) struct ConditionAgreementTests {
  /// Who changes the Server `games/duel`, and which of the writers' webhooks is asked about it.
  private struct Caller {
    var name: String
    var username: String
    var extra: JSONValue?
    var asked: Set<String> = []
  }

  private static let podName = "authentication.kubernetes.io/pod-name"
  private static let sidecar = "sidecar.writer.servers.umpire.dev"
  private static let pod = "pod.writer.servers.umpire.dev"
  private static let own = "own.writer.servers.umpire.dev"
  private static let deletion = "deletion.servers.umpire.dev"

  private static func pod(_ name: String) -> JSONValue { .object([Self.podName: [.string(name)]]) }

  private static let callers = [
    Caller(
      name: "its own Pod's sidecar", username: "system:serviceaccount:games:umpire-sidecar", extra: Self.pod("duel-pod")
    ),
    Caller(
      name: "another Pod's sidecar", username: "system:serviceaccount:games:umpire-sidecar",
      extra: Self.pod("arena-pod"),
      asked: [Self.sidecar]),
    Caller(
      name: "its own Pod with another account", username: "system:serviceaccount:games:default",
      extra: Self.pod("duel-pod")),
    Caller(
      name: "another Pod with another account", username: "system:serviceaccount:games:default",
      extra: Self.pod("arena-pod"), asked: [Self.pod]),
    Caller(
      name: "a sidecar of another namespace", username: "system:serviceaccount:other:umpire-sidecar",
      extra: Self.pod("duel-pod"), asked: [Self.sidecar]),
    Caller(
      name: "a Pod of another namespace", username: "system:serviceaccount:other:default", extra: Self.pod("duel-pod"),
      asked: [Self.pod]),
    Caller(name: "a person", username: "kubernetes-admin"),
    Caller(
      name: "the controller", username: "system:serviceaccount:umpire-system:umpire-controller",
      extra: Self.pod("umpire-controller-x")),
    Caller(
      name: "an account without a Pod", username: "system:serviceaccount:games:tool", extra: ["scopes": ["a"]]),
    Caller(
      name: "a Pod with two names", username: "system:serviceaccount:games:default",
      extra: .object([Self.podName: ["duel-pod", "arena-pod"]]), asked: [Self.pod]),
  ]

  /// One request, and the webhooks with conditions that are asked about it.
  private struct Request {
    var name: String
    var variables: [String: JSONValue]
    var asked: Set<String>
  }

  private static func request(
    _ caller: Caller, _ operation: String, options: JSONValue, isForeground: Bool = false, _ change: JSONValue = [:]
  ) -> Request {
    let server: JSONValue = [
      "metadata": [
        "name": "duel", "namespace": "games", "labels": ["umpire.dev/fleet": "arena", "umpire.dev/sdk-map": "desert"],
        "annotations": ["umpire.dev/deletion-cost": "1", "umpire.dev/sdk-a": "1"],
        "finalizers": ["umpire.dev/deletion-gate"],
      ],
      "spec": ["timeout": "40m"],
    ]
    var user: JSONValue = ["username": .string(caller.username), "groups": ["system:authenticated"]]
    user["extra"] = caller.extra
    let request: JSONValue = [
      "operation": .string(operation), "name": "duel", "namespace": "games", "userInfo": user, "options": options,
      "dryRun": false,
    ]
    return Request(
      name: "\(caller.name): \(operation)",
      variables: [
        "object": operation == "DELETE" ? nil : server.applying(mergePatch: change), "oldObject": server,
        "request": request,
      ],
      asked: caller.asked.union(isForeground ? [Self.deletion] : []))
  }

  private static let requests =
    Self.ownRequests
    + Self.callers.flatMap { caller in
      [
        Self.request(caller, "UPDATE", options: ["kind": "UpdateOptions"]),
        Self.request(caller, "DELETE", options: ["kind": "DeleteOptions"]),
        Self.request(caller, "DELETE", options: ["propagationPolicy": "Background"]),
        Self.request(caller, "DELETE", options: ["propagationPolicy": "Foreground"], isForeground: true),
      ]
    }

  /// What a Pod changes of its own Server, and whether somebody is asked about that.
  private static let changes: [(JSONValue, Bool)] = [
    (["status": ["state": "Ready"]], false), (["metadata": ["labels": ["umpire.dev/sdk-map": "forest"]]], false),
    (["metadata": ["labels": ["umpire.dev/sdk-map": nil, "tier": "gold"]]], false),
    (["metadata": ["annotations": ["umpire.dev/sdk-a": "2", "b": "c"]]], false),
    (["spec": ["timeout": "1h"]], true), (["metadata": ["labels": ["umpire.dev/fleet": "other"]]], true),
    (["metadata": ["labels": ["umpire.dev/fleet": nil]]], true), (["metadata": ["labels": nil]], true),
    (["metadata": ["labels": ["umpire.dev/new": "a"]]], true), (["metadata": ["annotations": nil]], true),
    (["metadata": ["annotations": ["umpire.dev/deletion-cost": "2"]]], true),
    (["metadata": ["finalizers": nil]], true), (["metadata": ["finalizers": ["a", "b"]]], true),
    (["metadata": ["ownerReferences": [["kind": "Fleet", "name": "other"]]]], true),
  ]

  private static let ownRequests = Self.changes.flatMap { change, isAsked in
    Self.callers.filter { $0.name.hasPrefix("its own Pod") }.map { caller in
      var caller = caller
      caller.name += " (\(change))"
      if isAsked { caller.asked.insert(Self.own) }
      return Self.request(caller, "UPDATE", options: ["kind": "UpdateOptions"], change)
    }
  }

  @Test func bothImplementationsAskTheSameWebhooks() async throws {
    let documents = try ManifestFile.parse(EmbeddedManifests.admission, file: "admission.yaml")
    let webhooks = documents.flatMap { $0.object["webhooks"]?.arrayValue ?? [] }.filter { $0["matchConditions"] != nil }
    #expect(webhooks.compactMap { $0["name"]?.stringValue } == [Self.deletion, Self.sidecar, Self.pod, Self.own])
    var evaluations: [Evaluation] = []
    for webhook in webhooks {
      for condition in webhook["matchConditions"]?.arrayValue ?? [] {
        let expression = condition["expression"]?.stringValue ?? ""
        #expect(MatchConditions.fault(in: expression) == nil)
        evaluations += Self.requests.map { Evaluation(expression: expression, variables: $0.variables) }
      }
    }
    var theirs = try await PythonEvaluator.results(of: evaluations)[...]
    try #require(theirs.count == evaluations.count)
    for webhook in webhooks {
      let name = try #require(webhook["name"]?.stringValue)
      let conditions = webhook["matchConditions"]?.arrayValue ?? []
      let results = conditions.map { _ in
        defer { theirs = theirs.dropFirst(Self.requests.count) }
        return Array(theirs.prefix(Self.requests.count))
      }
      for (index, request) in Self.requests.enumerated() {
        let isAsked = results.allSatisfy { $0[index] == "true" }
        let isLeftOut = results.contains { $0[index] == "false" }
        // Either all of them hold, or one does not; none is left without a value alone.
        #expect(isAsked != isLeftOut, "\(name), \(request.name)")
        let verdict = MatchConditions(webhook).verdict(request.variables)
        #expect(verdict == (isAsked ? .matches : .doesNotMatch), "\(name), \(request.name)")
        #expect(isAsked == request.asked.contains(name), "\(name), \(request.name)")
      }
    }
    print("conditions: \(evaluations.count / Self.requests.count), evaluated twice: \(evaluations.count)")
  }
}
