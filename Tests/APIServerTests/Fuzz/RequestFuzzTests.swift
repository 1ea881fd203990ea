import HTTPTransport
import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// Requests made at random: each is answered, properly or with a Status, and never with a failure of the server.
struct RequestFuzzTests {
  private static let paths = [
    "/", "/api", "/api/v1", "/apis", "/apis/stable.example.com", "/apis/stable.example.com/v1", "/version", "/healthz",
    "/openapi/v2", "/openapi/v3", "/openapi/v3/apis/stable.example.com/v1", "/api/v1/namespaces",
    "/api/v1/namespaces/default", "/api/v1/namespaces/default/status", "/api/v1/namespaces/default/finalize",
    "/api/v1/configmaps", "/api/v1/namespaces/default/configmaps/a", "/api/v1/namespaces/default/pods/p/log",
    "/api/v1/namespaces/default/pods/p/binding", "/apis/stable.example.com/v1/namespaces/default/widgets",
    "/apis/stable.example.com/v1/namespaces/default/widgets/w",
    "/apis/stable.example.com/v1/namespaces/default/widgets/w/status",
    "/apis/stable.example.com/v1/namespaces/default/widgets/w/scale",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/w",
  ]
  private static let names = [
    "limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "resourceVersionMatch", "watch",
    "timeoutSeconds", "sendInitialEvents", "allowWatchBookmarks", "dryRun", "fieldValidation", "fieldManager", "force",
    "gracePeriodSeconds", "propagationPolicy", "tailLines", "limitBytes", "pretty", "includeObject",
  ]
  private static let values = [
    "1", "0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e3", "true", "x", "", "%00",
    "%FF%FE", "%", "%2", "a%3Db", "a in (b", "metadata.name%3Da", "Exact", "NotOlderThan", "All", "Strict", "Orphan",
    "eyJ2IjoidW1waXJlLmRldi92MSIsInJ2IjotOSwibnMiOiIiLCJuYW1lIjoiIn0", "e30", "%F0%9F%98%80",
  ]
  private static let methods: [HTTPRequest.Method] = [
    .get, .get, .get, .post, .put, .patch, .delete, .options, .head, .trace, .connect, .init("BREW")!,
  ]
  private static let types = [
    "application/json", "application/merge-patch+json", "application/json-patch+json",
    "application/strategic-merge-patch+json", "application/apply-patch+yaml", "application/yaml",
    "application/vnd.kubernetes.protobuf", "text/plain", "", ";;;", "application/json; charset=\u{FF}",
  ]

  private func check(_ answer: Answer, _ what: String) {
    // A configuration that cannot be told apart is the server's fault, without a reason, to the real server.
    let isUntyped = answer.status == 500 && answer.json["reason"] == nil
    #expect(answer.status < 500 || answer.status == 504 || isUntyped, "\(what): \(answer.text.prefix(300))")
    guard answer.status >= 400, answer.contentType == "application/json" else { return }
    #expect(answer.json["kind"] == "Status", "\(what)")
    #expect(answer.json["code"] == .integer(Int64(answer.status)), "\(what)")
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func pathsQueriesAndHeadersAreAnswered(seed: UInt64) async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    try await server.createWidget("w")
    try await server.createConfigMap("a")
    try await server.createPod("p")
    var source = FuzzSource(seed: seed)
    for _ in 0..<300 {
      var path = source.pick(Self.paths)
      if source.isOne(in: 3) {
        path = String(decoding: source.mutated(Array(path.utf8), from: Array("/%?&.0aF~".utf8)), as: UTF8.self)
      }
      let items = (0..<source.number(below: 4)).map { _ in "\(source.pick(Self.names))=\(source.pick(Self.values))" }
      let target =
        "\(path)?\(items.joined(separator: "&"))\(items.contains { $0.hasPrefix("watch") } ? "&timeoutSeconds=0" : "")"
      guard !items.contains(where: { $0.hasPrefix("timeoutSeconds=9") || $0.hasPrefix("timeoutSeconds=1") }) else {
        continue
      }
      let method = source.pick(Self.methods)
      let body = source.isOne(in: 2) ? [] : source.json().serialized()
      let fields = [
        "Accept": source.pick(["", "*/*", "application/json;as=Table;v=v1;g=meta.k8s.io", ",;,=", "text/html"]),
        "Authorization": source.pick(["", "", "", "", "Bearer", "Bearer x", "Basic eA=="]),
      ].filter { !$0.value.isEmpty }
      let answer = try await server.send(method, target, bytes: body, type: source.pick(Self.types), fields: fields)
      self.check(answer, "\(method) \(target)")
    }
    #expect(try await server.send(.get, "/healthz").status == 200)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func bodiesAreTakenOrRefused(seed: UInt64) async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    var source = FuzzSource(seed: seed)
    let widgets = EmbeddedAPIServer.widgets
    for index in 0..<150 {
      let name = "w\(index % 8)"
      // Each starts from something sound, and has some of it replaced.
      var object = try await server.createWidget(name)
      if object["kind"] != "Widget" { object = try await server.send(.get, "\(widgets)/\(name)").json }
      for _ in 0..<(1 + source.number(below: 3)) {
        let field = source.pick(["metadata", "spec", "status", "kind", "apiVersion"])
        if field == "metadata" || field == "spec", !source.isOne(in: 6) {
          let below = source.pick([
            "name", "labels", "annotations", "finalizers", "ownerReferences", "generation", "resourceVersion", "uid",
            "managedFields", "deletionTimestamp", "replicas", "parts", "owner", "namespace", "generateName",
          ])
          if object[field]?.objectValue != nil { object[field]?[below] = source.json(depth: 3) }
        } else {
          object[field] = source.json(depth: 3)
        }
      }
      var bytes = object.serialized()
      if source.isOne(in: 5) { bytes = source.mutated(bytes, from: Array("{}[]\",:0e".utf8)) }
      let (method, path, type): (HTTPRequest.Method, String, String) = source.pick([
        (.post, widgets, "application/json"), (.put, "\(widgets)/\(name)", "application/json"),
        (.put, "\(widgets)/\(name)/status", "application/json"),
        (.put, "\(widgets)/\(name)/scale", "application/json"),
        (.patch, "\(widgets)/\(name)", "application/merge-patch+json"),
        (.patch, "\(widgets)/\(name)/status", "application/merge-patch+json"),
        (.patch, "\(widgets)/\(name)?fieldManager=m&force=true", "application/apply-patch+yaml"),
        (.patch, "\(widgets)/\(name)?fieldManager=n", "application/apply-patch+yaml"),
        (.delete, "\(widgets)/\(name)", "application/json"),
      ])
      self.check(try await server.send(method, path, bytes: bytes, type: type), "\(method) \(path): \(object)")
      // Whatever was stored can be shown in every form.
      for accept in ["application/json", "application/json;as=Table;v=v1;g=meta.k8s.io"] {
        #expect(try await server.send(.get, widgets, fields: ["Accept": accept]).status == 200)
      }
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func builtInObjectsAreTakenOrRefused(seed: UInt64) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var source = FuzzSource(seed: seed)
    for index in 0..<150 {
      try await server.createPod("p\(index % 4)")
      var change: JSONValue = .object([:])
      let part = source.pick(["spec", "status", "metadata"])
      let list = source.pick([
        "containers", "volumes", "conditions", "finalizers", "$setElementOrder/containers", "$retainKeys",
        "$deleteFromPrimitiveList/finalizers", "$patch", "terminationGracePeriodSeconds", "tolerations",
      ])
      change[part] = [:]
      change[part]?[list] = source.json(depth: 3)
      let path = "\(EmbeddedAPIServer.pods)/p\(index % 4)\(source.isOne(in: 3) ? "/status" : "")"
      let type = source.pick(["application/strategic-merge-patch+json", "application/merge-patch+json"])
      self.check(try await server.send(.patch, path, bytes: change.serialized(), type: type), "\(path) \(change)")
      let options: JSONValue = ["gracePeriodSeconds": source.scalar(), "preconditions": source.json(depth: 2)]
      if source.isOne(in: 4) { self.check(try await server.send(.delete, path, options), "delete \(options)") }
      #expect(
        try await server.send(
          .get, EmbeddedAPIServer.pods, fields: ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"]
        ).status == 200)
    }
  }

  @Test func deepLongAndHugeInputIsRefused() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let maps = EmbeddedAPIServer.configMaps
    let deep = Array(String(repeating: "[", count: 100_000).utf8)
    #expect(try await server.send(.post, maps, bytes: deep).status == 400)
    #expect(try await server.send(.post, maps, bytes: [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]).status == 400)
    let large = [UInt8](repeating: 0x20, count: EmbeddedAPIServer.maximumBodyBytes + 1)
    #expect(try await server.send(.post, maps, bytes: large).status == 413)
    let number = Array(#"{"metadata":{"name":"n","generation":1e999}}"#.utf8)
    #expect(try await server.send(.post, maps, bytes: number).status == 400)
    let many = (0...LabelQuery.maximumRequirements).map { "k\($0)" }.joined(separator: ",")
    #expect(try await server.send(.get, "\(maps)?labelSelector=\(many)").status == 400)
    let items = (0...100).map { "x\($0)=1" }.joined(separator: "&")
    #expect(try await server.send(.get, "\(maps)?\(items)").status == 400)
    let head = String(repeating: "x", count: EmbeddedAPIServer.maximumHeadBytes)
    #expect(try await server.send(.get, "\(maps)?labelSelector=\(head)").status == 431)
    #expect(try await server.send(.get, maps, fields: ["X-Long": head]).json["code"] == 431)
  }
}
