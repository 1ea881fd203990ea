import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct PodAdmissionTests {
  private static let account = APIObject(["metadata": ["name": "default", "namespace": "default"]])

  private static func admitted(_ spec: JSONValue, account: APIObject? = Self.account) -> JSONValue {
    var pod = APIObject(["spec": spec])
    PodAdmission(account: account, priority: PodAdmission.Priority()) { "abcde" }.apply(to: &pod)
    return pod.json["spec"] ?? nil
  }

  private static let plain: JSONValue = ["containers": [["name": "a", "image": "b"]]]

  @Test func aPodGetsItsToken() {
    let spec = Self.admitted(Self.plain)
    #expect(spec["serviceAccountName"] == "default")
    #expect(spec["serviceAccount"] == "default")
    #expect(
      spec["containers"]?.arrayValue?.first?["volumeMounts"] == [
        [
          "name": "kube-api-access-abcde", "readOnly": true,
          "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
        ]
      ])
    let volume = spec["volumes"]?.arrayValue?.first
    #expect(volume?["name"] == "kube-api-access-abcde")
    let sources = volume?["projected"]?["sources"]?.arrayValue ?? []
    #expect(sources.map { $0.objectValue?.keys.first } == ["serviceAccountToken", "configMap", "downwardAPI"])
    #expect(sources.first?["serviceAccountToken"] == ["path": "token", "expirationSeconds": 3607])
  }

  @Test func twiceIsOnce() {
    let once = Self.admitted(Self.plain)
    #expect(Self.admitted(once) == once)
  }

  @Test func tokensCanBeDeclined() {
    var pod = Self.plain
    pod["automountServiceAccountToken"] = false
    #expect(Self.admitted(pod)["volumes"] == nil)
    var account = Self.account
    account.json["automountServiceAccountToken"] = false
    #expect(Self.admitted(Self.plain, account: account)["volumes"] == nil)
    pod["automountServiceAccountToken"] = true
    #expect(Self.admitted(pod, account: account)["volumes"] != nil)
    #expect(Self.admitted(Self.plain, account: nil)["volumes"] == nil)
  }

  @Test func aMountOfTheClientsStays() {
    let mount: JSONValue = ["name": "own", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"]
    let spec = Self.admitted(["containers": [["name": "a", "image": "b", "volumeMounts": [mount]]]])
    #expect(spec["containers"]?.arrayValue?.first?["volumeMounts"] == [mount])
    #expect(spec["volumes"] == nil)
  }

  @Test func tolerationsAreAddedWhereNoneIs() {
    func keys(_ tolerations: JSONValue) -> [String] {
      var pod = Self.plain
      pod["tolerations"] = tolerations
      return (Self.admitted(pod)["tolerations"]?.arrayValue ?? []).map {
        "\($0["key"]?.stringValue ?? "*") \($0["tolerationSeconds"]?.integerValue ?? 0)"
      }
    }
    let added = ["node.kubernetes.io/not-ready 300", "node.kubernetes.io/unreachable 300"]
    #expect(keys([]) == added)
    #expect(keys([["operator": "Exists"]]) == ["* 0"])
    #expect(keys([["key": "x", "operator": "Exists"]]) == ["x 0"] + added)
    #expect(
      keys([["key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"]]) == [
        "node.kubernetes.io/not-ready 0", added[1],
      ])
    #expect(keys([["operator": "Exists", "effect": "NoSchedule"]]) == ["* 0"] + added)
  }

  @Test func whatIsAddedHasNoManager() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let pod = try await server.send(
      .post, "/api/v1/namespaces/default/pods?fieldManager=me",
      ["metadata": ["name": "a"], "spec": Self.plain])
    #expect(pod.status == 201)
    let fields = pod.json["metadata"]?["managedFields"]?.arrayValue?.first?["fieldsV1"]?["f:spec"]
    #expect(fields?["f:containers"] != nil)
    for name in ["tolerations", "serviceAccountName", "serviceAccount", "priority", "preemptionPolicy", "volumes"] {
      #expect(fields?["f:\(name)"] == nil, "\(name)")
    }
  }

  // MARK: Over the server

  private static let pods = "/api/v1/namespaces/default/pods"

  @Test func theAccountMustExist() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let body: JSONValue = [
      "metadata": ["name": "a"],
      "spec": ["serviceAccountName": "none", "containers": [["name": "a", "image": "b"]]],
    ]
    let answer = try await server.send(.post, Self.pods, body)
    #expect(answer.status == 403)
    #expect(
      answer.json["message"]
        == "pods \"a\" is forbidden: error looking up service account default/none: serviceaccount \"none\" not found")
    let lenient = try await EmbeddedAPIServer.inMemory { $0.admitsUnknownServiceAccounts = true }
    defer { lenient.close() }
    #expect(try await lenient.send(.post, Self.pods, body).status == 201)
    let missing = try await server.send(.post, "/api/v1/namespaces/none/pods", body)
    #expect(missing.status == 404)
  }

  @Test func prioritiesAreLookedUp() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let classes = "/apis/scheduling.k8s.io/v1/priorityclasses"
    func create(_ name: JSONValue, _ fields: JSONValue) async throws -> Answer {
      var spec = Self.plain
      for (field, value) in fields.objectValue ?? [:] { spec[field] = value }
      return try await server.send(.post, Self.pods, ["metadata": ["name": name], "spec": spec])
    }
    #expect(try await create("a", [:]).json["spec"]?["priority"] == 0)
    #expect(try await create("b", ["priorityClassName": "none"]).status == 403)
    #expect(try await create("c", ["priority": 7]).status == 403)
    try await server.send(
      .post, classes, ["metadata": ["name": "games"], "value": 7, "preemptionPolicy": "Never", "globalDefault": true])
    let spec = try await create("d", [:]).json["spec"]
    #expect(spec?["priority"] == 7)
    #expect(spec?["priorityClassName"] == "games")
    #expect(spec?["preemptionPolicy"] == "Never")
    let critical = try await create("e", ["priorityClassName": "system-node-critical"])
    #expect(critical.json["spec"]?["priority"] == 2_000_001_000)
    let second = try await server.send(.post, classes, ["metadata": ["name": "x"], "value": 1, "globalDefault": true])
    #expect(second.status == 403)
  }

  @Test func aDeletedPodShowsItsEnd() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let made = try await server.send(.post, Self.pods, ["metadata": ["name": "a"], "spec": Self.plain])
    let gone = try await server.send(.delete, "\(Self.pods)/a")
    #expect(gone.json["metadata"]?["generation"] == 2)
    #expect(gone.json["metadata"]?["deletionGracePeriodSeconds"] == 0)
    #expect(gone.json["metadata"]?["deletionTimestamp"]?.stringValue != nil)
    #expect(gone.json["metadata"]?["resourceVersion"] != made.json["metadata"]?["resourceVersion"])
  }

  @Test func bothNamesOfTheAccountCount() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(.post, "/api/v1/namespaces/default/serviceaccounts", ["metadata": ["name": "old"]])
    var spec = Self.plain
    spec["serviceAccount"] = "old"
    let pod = try await server.send(.post, Self.pods, ["metadata": ["name": "a"], "spec": spec])
    #expect(pod.json["spec"]?["serviceAccountName"] == "old")
  }
}
