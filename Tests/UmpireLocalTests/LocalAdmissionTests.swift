import APIServer
import Cryptography
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Testing
import UmpireController
import UmpireModel

@testable import UmpireAdmission
@testable import UmpireLocal

@Suite struct LocalAdmissionTests {
  private func webhooks(_ documents: [ManifestDocument]) -> [JSONValue] {
    documents.flatMap { $0.object["webhooks"]?.arrayValue ?? [] }
  }

  @Test func theAPIServerIsToldToAskOnLoopback() throws {
    let documents = try LocalAdmission.registrations(port: 4711)
    #expect(documents.map(\.kind) == ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
    #expect(documents.map(\.name) == ["umpire-controller", "umpire-controller"])
    let clients = self.webhooks(documents).map { $0["clientConfig"] }
    let (filling, judging, writing): (JSONValue, JSONValue, JSONValue) = (
      ["url": "https://127.0.0.1:4711/default"], ["url": "https://127.0.0.1:4711/validate"],
      ["url": "https://127.0.0.1:4711/writer"]
    )
    #expect(clients == [filling, filling, judging, judging, judging, writing, writing, writing])
  }

  @Test func admissionIsAskedAboutWritesOfTheKindsAndNothingElse() throws {
    for document in try LocalAdmission.registrations(port: 1) {
      var resources: [JSONValue] = []
      let others = [
        Self.deletion, "sidecar.writer.servers.umpire.dev", "pod.writer.servers.umpire.dev",
        "own.writer.servers.umpire.dev",
      ]
      for webhook in self.webhooks([document]) where !others.contains(webhook["name"] ?? .null) {
        let rules = try #require(webhook["rules"]?.arrayValue)
        #expect(rules.count == 1)
        #expect(rules.first?["apiGroups"] == ["umpire.dev"] && rules.first?["apiVersions"] == ["v1alpha1"])
        #expect(rules.first?["operations"] == ["CREATE", "UPDATE"])
        #expect(webhook["sideEffects"] == "None" && webhook["failurePolicy"] == "Ignore")
        let named = rules.first?["resources"]?.arrayValue ?? []
        // The Fleets' own were judged with the Fleet.
        let selector: JSONValue = ["matchExpressions": [["key": .string(Labels.fleet), "operator": "DoesNotExist"]]]
        #expect(webhook["objectSelector"] == (named == ["servers"] ? selector : JSONValue?.none))
        resources += named
      }
      // Statuses and scales are written all the time, and are not judged.
      #expect(resources == ["gametypes", "fleets", "webhookconfigurations", "gameautoscalers", "servers"])
    }
  }

  private static let deletion: JSONValue = "deletion.servers.umpire.dev"

  @Test func noServerIsDeletedInTheForegroundUnasked() throws {
    func webhook(_ documents: [ManifestDocument]) throws -> JSONValue {
      try #require(self.webhooks(documents).first { $0["name"] == Self.deletion })
    }
    let stated = try webhook(try ManifestFile.parse(EmbeddedManifests.admission, file: "admission.yaml"))
    let rules: JSONValue = [
      [
        "apiGroups": ["umpire.dev"], "apiVersions": ["v1alpha1"], "operations": ["DELETE"], "resources": ["servers"],
        "scope": "Namespaced",
      ]
    ]
    #expect(stated["rules"] == rules && stated["failurePolicy"] == "Fail")
    // The Servers of Fleets too.
    #expect(stated["objectSelector"] == nil && stated["namespaceSelector"] == nil)
    let foreground =
      "has(request.options.propagationPolicy) && request.options.propagationPolicy == 'Foreground'"
    #expect(stated["matchConditions"] == [["name": "foreground", "expression": .string(foreground)]])
    // The embedded API server asks on the same conditions, at another place.
    var local = try webhook(try LocalAdmission.registrations(port: 1))
    local["clientConfig"] = stated["clientConfig"]
    #expect(local == stated)
  }

  @Test func podsAreAskedAboutWhenTheyChangeAServerThatIsNotTheirOwn() throws {
    let documents = try ManifestFile.parse(EmbeddedManifests.admission, file: "admission.yaml")
    let webhooks = self.webhooks(documents).filter { $0["clientConfig"]?["service"]?["path"] == "/writer" }
    #expect(webhooks.map { $0["name"]?.stringValue?.split(separator: ".").first } == ["sidecar", "pod", "own"])
    // Sidecars have no business there; a studio's tools have.
    #expect(webhooks.map { $0["failurePolicy"] } == ["Fail", "Ignore", "Fail"])
    // What a Pod changes of its own Server is asked about if it is more than a sidecar has to change.
    #expect(webhooks.last?["rules"]?[0]?["resources"] == ["servers"])
    #expect(webhooks.last?["rules"]?[0]?["operations"] == ["UPDATE"])
    let sidecar = "request.userInfo.username.endsWith(':\(SidecarSpec.containerName)')"
    let controller = "system:serviceaccount:umpire-system:\(OwnCertificateOptions.registration)"
    let own = "[oldObject.metadata.name + '\(Server.podName(server: ""))']"
    for (webhook, last) in zip(
      webhooks, [sidecar, "!\(sidecar) && request.userInfo.username != '\(controller)'"])
    {
      // The Servers of Fleets too.
      #expect(webhook["objectSelector"] == nil && webhook["namespaceSelector"] == nil)
      #expect(webhook["rules"]?[0]?["resources"] == ["servers", "servers/status"])
      #expect(webhook["rules"]?[0]?["operations"] == ["UPDATE", "DELETE"])
      let conditions = webhook["matchConditions"]?.arrayValue?.compactMap { $0["expression"]?.stringValue } ?? []
      try #require(conditions.count == 3)
      #expect(
        conditions[0]
          == "has(request.userInfo.extra) && 'authentication.kubernetes.io/pod-name' in request.userInfo.extra")
      #expect(conditions[1].contains(own))
      #expect(conditions[2] == last)
    }
    // Locally too: Pods have tokens there.
    let local = try self.webhooks(LocalAdmission.registrations(port: 1)).filter {
      $0["clientConfig"]?["url"]?.stringValue?.hasSuffix("/writer") == true
    }
    #expect(local.map { $0["matchConditions"] } == webhooks.map { $0["matchConditions"] })
  }

  @Test func everyWebhookOfOursIsGivenTheAuthority() throws {
    let documents = try ManifestFile.parse(EmbeddedManifests.admission, file: "admission.yaml")
    let document = try #require(documents.first { $0.kind == "ValidatingWebhookConfiguration" })
    let registration = try document.object.decoded(as: ValidatingWebhookConfiguration.self)
    let names = [AlternativeName.dns("umpire-admission.umpire-system.svc")]
    let webhooks = try #require(registration.trusting(Array("PEM".utf8), for: names)?.webhooks)
    #expect(webhooks.count == 6)
    #expect(webhooks.allSatisfy { $0["clientConfig"]?["caBundle"] == .string(Data("PEM".utf8).base64EncodedString()) })
  }

  /// The names that code, Deployment, Service and Roles have to agree on.
  @Test func theManifestsNameTheSameThings() throws {
    let documents = try ManifestFile.parse(EmbeddedManifests.admission, file: "admission.yaml")
    let service = try #require(documents.first { $0.kind == "Service" })
    #expect(documents.filter { $0.kind != "Service" }.allSatisfy { $0.name == OwnCertificateOptions.registration })
    let names = CertificateTerms.names(ofService: service.name, namespace: service.namespace ?? "")
    #expect(names.first == "umpire-admission.umpire-system.svc")
    for webhook in self.webhooks(documents) {
      #expect(webhook["clientConfig"]?["service"]?["name"]?.stringValue == service.name)
      #expect(webhook["clientConfig"]?["service"]?["namespace"]?.stringValue == service.namespace)
      #expect(webhook["clientConfig"]?["service"]?["port"] == service.object["spec"]?["ports"]?[0]?["port"])
    }
    let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/manifests"
    let deployment = try #require(
      try ManifestFile.read("\(folder)/controller/deployment.yaml").first { $0.kind == "Deployment" })
    let container = deployment.object["spec"]?["template"]?["spec"]?["containers"]?[0]
    let port = container?["ports"]?.arrayValue?.first {
      $0["name"] == service.object["spec"]?["ports"]?[0]?["targetPort"]
    }
    #expect(port?["containerPort"] == 9443)
    let roles = try ManifestFile.read("\(folder)/rbac/controller.yaml")
    let rules = roles.flatMap { $0.object["rules"]?.arrayValue ?? [] }
    let secret = OwnCertificateOptions(namespace: "umpire-system", names: names).secret
    #expect(
      rules.contains {
        $0["resourceNames"] == [.string(secret.name), .string(SidecarKeySecret.name)]
          && $0["resources"] == ["secrets"] && $0["verbs"] == ["get", "patch"]
      })
    #expect(
      rules.contains {
        $0["resourceNames"] == [.string(OwnCertificateOptions.registration)]
          && $0["verbs"] == ["get", "list", "watch", "patch"]
      })
  }

  @Test func anAPIServerAloneAsksNobodyOfAnEarlierRun() async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "test")
    let key = ObjectKey(namespace: nil, name: "umpire-controller")
    try await ManifestApplier(client: client).apply(try LocalAdmission.registrations(port: 1))
    try await LocalAdmission.unregister(from: client)
    #expect(try await client.find(MutatingWebhookConfiguration.self, key) == nil)
    #expect(try await client.find(ValidatingWebhookConfiguration.self, key) == nil)
    // Somebody's own are left.
    var own = try LocalAdmission.registrations(port: 1)
    for index in own.indices { own[index].object["metadata"]?["labels"] = nil }
    try await ManifestApplier(client: client).apply(own)
    try await LocalAdmission.unregister(from: client)
    #expect(try await client.find(ValidatingWebhookConfiguration.self, key) != nil)
  }
}
