import KubernetesModel
import Testing
import UmpireModel

@Suite struct ManifestTests {
  // MARK: Definitions

  @Test(arguments: [
    Server.resourceType, Fleet.resourceType, GameType.resourceType, GameAutoscaler.resourceType,
    WebhookConfiguration.resourceType,
  ])
  func aKindHasADefinition(_ type: ResourceType) throws {
    let definition = try ManifestFiles.definition(of: type.kind)
    #expect(definition.at("metadata", "name") == .string("\(type.plural).\(type.group)"))
    #expect(definition.at("spec", "group") == .string(type.group))
    #expect(definition.at("spec", "names", "plural") == .string(type.plural))
    #expect(definition.at("spec", "names", "categories") == ["umpire"])
    #expect(definition.at("spec", "scope") == "Namespaced")
    let version = try #require(definition.at("spec", "versions")?[0])
    #expect(version["name"] == .string(type.version))
    #expect(version.at("subresources", "status") == [:])
    #expect(version["additionalPrinterColumns"]?.arrayValue?.last?["name"] == "Age")
  }

  @Test func replicasCanBeScaled() throws {
    func paths(_ kind: String) throws -> JSONValue? {
      try ManifestFiles.definition(of: kind).at("spec", "versions")?[0]?.at("subresources", "scale")
    }
    let status: [String: JSONValue] = [
      "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector",
    ]
    let fleet = status.merging(["specReplicasPath": ".spec.scaling.replicas"]) { $1 }
    let gameType = status.merging(["specReplicasPath": ".spec.fleetSpec.scaling.replicas"]) { $1 }
    #expect(try paths("Fleet") == .object(fleet))
    #expect(try paths("GameType") == .object(gameType))
  }

  @Test func aServersSpecIsTheSameEverywhere() throws {
    var server = try #require(try ManifestFiles.schema(of: "Server").at("properties", "spec"))
    // What is immutable on a Server may change in what Servers are made from.
    let rules = try #require(server["x-kubernetes-validations"]?.arrayValue)
    let lasting = rules.filter { $0["rule"]?.stringValue?.contains("oldSelf") == false }
    #expect(lasting.count == rules.count - 3)
    server["x-kubernetes-validations"] = .array(lasting)
    let fleet = try #require(try ManifestFiles.schema(of: "Fleet").at("properties", "spec"))
    let gameType = try ManifestFiles.schema(of: "GameType").at("properties", "spec", "properties", "fleetSpec")
    #expect(fleet.at("properties", "spec") == server)
    #expect(gameType == fleet)
  }

  @Test func everyFieldIsDescribedAndEveryListIsBounded() throws {
    for (file, definition) in try ManifestFiles.documents(in: "crds") {
      let schema = try #require(definition.at("spec", "versions")?[0]?.at("schema", "openAPIV3Schema"))
      self.check(schema, path: file)
    }
  }

  private func check(_ schema: JSONValue, path: String) {
    for (name, property) in schema["properties"]?.objectValue ?? [:] {
      let path = "\(path).\(name)"
      if !path.hasSuffix(".yaml.metadata") {
        #expect(property["description"]?.stringValue?.isEmpty == false, "\(path) has no description")
      }
      #expect(property["type"] != nil || property["x-kubernetes-int-or-string"] == true, "\(path) has no type")
      if property["type"] == "array" { #expect(property["maxItems"] != nil, "\(path) has no bound") }
      self.check(property, path: path)
    }
    if let items = schema["items"] { self.check(items, path: "\(path)[]") }
  }

  // MARK: Schemas and types say the same

  @Test func schemasHaveTheTypesFields() throws {
    let pod = PodSpec(containers: [Container(name: "game", image: "game")])
    let server = ServerSpec(pod: pod)
    try self.expectFields(of: server, in: "Server", "spec")
    try self.expectFields(of: server.sidecar, in: "Server", "spec", "sidecar")
    try self.expectFields(of: Constraint(type: "x"), in: "Server", "spec", "constraints")
    try self.expectFields(of: ServerStatus(), in: "Server", "status")
    try self.expectFields(of: Condition(type: "x", status: .true), in: "Server", "status", "conditions")

    let fleet = FleetSpec(spec: server)
    try self.expectFields(of: fleet, in: "Fleet", "spec")
    try self.expectFields(of: fleet.scaling, in: "Fleet", "spec", "scaling")
    try self.expectFields(of: FleetStatus(), in: "Fleet", "status")

    let gameType = GameTypeSpec(fleetSpec: fleet)
    try self.expectFields(of: gameType, in: "GameType", "spec")
    try self.expectFields(of: gameType.updateStrategy, in: "GameType", "spec", "updateStrategy")
    try self.expectFields(
      of: gameType.updateStrategy.rollingUpdate, in: "GameType", "spec", "updateStrategy", "rollingUpdate")
    try self.expectFields(of: GameTypeStatus(), in: "GameType", "status")

    let endpoint = ScalingEndpoint()
    let autoscaler = GameAutoscalerSpec(gameName: "game", policy: .init(webhook: endpoint))
    try self.expectFields(of: autoscaler, in: "GameAutoscaler", "spec")
    try self.expectFields(of: autoscaler.policy, in: "GameAutoscaler", "spec", "policy")
    try self.expectFields(of: endpoint, in: "GameAutoscaler", "spec", "policy", "webhook")
    try self.expectFields(
      of: ScalingEndpoint.ConfigurationReference(name: "x"), in: "GameAutoscaler", "spec", "policy", "webhook",
      "configurationRef")
    try self.expectFields(
      of: ServiceReference(name: "x"), in: "GameAutoscaler", "spec", "policy", "webhook", "service")
    try self.expectFields(of: autoscaler.sync, in: "GameAutoscaler", "spec", "sync")
    try self.expectFields(of: autoscaler.behavior, in: "GameAutoscaler", "spec", "behavior")
    try self.expectFields(of: autoscaler.behavior.scaleUp, in: "GameAutoscaler", "spec", "behavior", "scaleUp")
    try self.expectFields(of: autoscaler.behavior.scaleDown, in: "GameAutoscaler", "spec", "behavior", "scaleDown")
    try self.expectFields(of: GameAutoscalerStatus(), in: "GameAutoscaler", "status")
    try self.expectFields(of: GameAutoscalerStatus.Review(), in: "GameAutoscaler", "status", "lastReview")

    let webhook = Webhook(name: "x", type: .readiness, clientConfig: WebhookClientConfig())
    try self.expectFields(of: webhook, in: "WebhookConfiguration", "webhooks")
    try self.expectFields(of: webhook.clientConfig, in: "WebhookConfiguration", "webhooks", "clientConfig")
    try self.expectFields(
      of: ServiceReference(name: "x"), in: "WebhookConfiguration", "webhooks", "clientConfig", "service")
    try self.expectFields(
      of: SecretKeyReference(name: "x", key: "y"), in: "WebhookConfiguration", "webhooks", "signingSecretRef")
    try self.expectFields(
      of: SecretReference(name: "x"), in: "WebhookConfiguration", "webhooks", "clientCertificateRef")
    try self.expectFields(of: WebhookConfigurationStatus(), in: "WebhookConfiguration", "status")
    try self.expectFields(of: WebhookStatus(name: "x"), in: "WebhookConfiguration", "status", "webhooks")
  }

  /// A type's stored properties are the fields that it codes.
  private func expectFields(
    of value: Any, in kind: String, _ path: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let schema = try self.schema(of: kind, path)
    let fields = Set(Mirror(reflecting: value).children.compactMap(\.label))
    #expect(Set(schema["properties"]?.objectValue?.keys.map { $0 } ?? []) == fields, sourceLocation: sourceLocation)
  }

  private func schema(of kind: String, _ path: [String]) throws -> JSONValue {
    try path.reduce(try ManifestFiles.schema(of: kind)) { schema, name in
      let property = try #require(schema.at("properties", name), "\(kind) has no \(path)")
      return property["items"] ?? property
    }
  }

  @Test func enumerationsAreTheTypes() throws {
    func cases(_ kind: String, _ path: String...) throws -> [String] {
      try self.schema(of: kind, path)["enum"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
    #expect(try cases("Server", "spec", "opsState") == OpsState.allCases.map(\.rawValue))
    #expect(try cases("Server", "status", "state") == ServerStatus.State.allCases.map(\.rawValue))
    #expect(try cases("GameType", "spec", "updateStrategy", "type") == UpdateStrategy.Kind.allCases.map(\.rawValue))
    #expect(
      try cases("GameAutoscaler", "spec", "policy", "webhook", "dialect") == ScalingDialect.allCases.map(\.rawValue))
    #expect(try cases("WebhookConfiguration", "webhooks", "type") == WebhookType.allCases.map(\.rawValue))
    let others = [
      ("Server", ["spec", "sidecar", "startOrder"]), ("Fleet", ["spec", "scaling", "agePriority"]),
      ("Fleet", ["spec", "scaling", "scaleDown"]), ("GameAutoscaler", ["spec", "failurePolicy"]),
      ("WebhookConfiguration", ["webhooks", "requestPolicy"]), ("WebhookConfiguration", ["webhooks", "failurePolicy"]),
      ("WebhookConfiguration", ["webhooks", "caller"]),
    ]
    for (kind, path) in others {
      let schema = try self.schema(of: kind, path)
      let values = try #require(schema["enum"]?.arrayValue)
      for value in values {
        #expect(throws: Never.self, "\(kind) \(path)") { try self.decode(value, kind: kind, path: path) }
      }
      // What the type does not know, it refuses.
      #expect(throws: (any Error).self, "\(kind) \(path)") {
        try self.decode("smallest_first", kind: kind, path: path)
      }
    }
    let agePriorities: [FleetScaling.AgePriority] = [.oldestFirst, .newestFirst]
    #expect(try cases("Fleet", "spec", "scaling", "agePriority") == agePriorities.map(\.rawValue))
    let scaleDowns: [FleetScaling.ScaleDown] = [.delete, .drain]
    #expect(try cases("Fleet", "spec", "scaling", "scaleDown") == scaleDowns.map(\.rawValue))
  }

  /// Decodes the smallest object of a kind with `value` at `path`.
  private func decode(_ value: JSONValue, kind: String, path: [String]) throws {
    var object = try #require(Self.smallest[kind])
    func set(_ json: inout JSONValue, _ path: ArraySlice<String>) {
      guard let name = path.first else { return json = value }
      if case .array(var elements)? = json[name] {
        for index in elements.indices { set(&elements[index], path.dropFirst()) }
        json[name] = .array(elements)
      } else {
        var child = json[name] ?? [:]
        set(&child, path.dropFirst())
        json[name] = child
      }
    }
    set(&object, path[...])
    _ = try self.typed(object, kind: kind)
  }

  private static let pod: JSONValue = ["containers": [["name": "game", "image": "game"]]]
  private static let smallest: [String: JSONValue] = [
    "Server": ["metadata": ["name": "a"], "spec": ["pod": Self.pod]],
    "Fleet": ["metadata": ["name": "a"], "spec": ["spec": ["pod": Self.pod]]],
    "GameType": ["metadata": ["name": "a"], "spec": ["fleetSpec": ["spec": ["pod": Self.pod]]]],
    "GameAutoscaler": [
      "metadata": ["name": "a"],
      "spec": ["gameName": "a", "policy": ["type": "webhook", "webhook": ["url": "http://a"]]],
    ],
    "WebhookConfiguration": [
      "metadata": ["name": "a"],
      "webhooks": [["name": "a", "type": "ScalingWebhook", "clientConfig": ["service": ["name": "a"]]]],
    ],
  ]

  /// The typed form of an object, as JSON again.
  private func typed(_ object: JSONValue, kind: String) throws -> JSONValue {
    switch kind {
    case "Server": try JSONValue(encoding: object.decoded(as: Server.self))
    case "Fleet": try JSONValue(encoding: object.decoded(as: Fleet.self))
    case "GameType": try JSONValue(encoding: object.decoded(as: GameType.self))
    case "GameAutoscaler": try JSONValue(encoding: object.decoded(as: GameAutoscaler.self))
    case "WebhookConfiguration": try JSONValue(encoding: object.decoded(as: WebhookConfiguration.self))
    default: throw UnknownKind(kind: kind)
    }
  }

  private struct UnknownKind: Error {
    var kind: String
  }

  @Test(arguments: ["Server", "Fleet", "GameType", "GameAutoscaler", "WebhookConfiguration"])
  func schemasAndTypesHaveTheSameDefaults(_ kind: String) throws {
    let smallest = try #require(Self.smallest[kind])
    var defaulted = smallest
    self.applyDefaults(of: try ManifestFiles.schema(of: kind), to: &defaulted)
    // The types know the default of a Service's port, and leave the field out.
    var expected = try self.typed(smallest, kind: kind)
    if kind == "WebhookConfiguration" { expected = try self.withPorts(expected) }
    #expect(try self.typed(defaulted, kind: kind) == expected)
    // Nothing that the types fill in is missing from the schema.
    let fields = try #require((kind == "WebhookConfiguration" ? defaulted["webhooks"]?[0] : defaulted["spec"]))
    let typedFields = try #require((kind == "WebhookConfiguration" ? expected["webhooks"]?[0] : expected["spec"]))
    #expect(Set(fields.objectValue?.keys.map { $0 } ?? []) == Set(typedFields.objectValue?.keys.map { $0 } ?? []))
  }

  private func withPorts(_ configuration: JSONValue) throws -> JSONValue {
    var webhook = try #require(configuration["webhooks"]?[0])
    webhook["clientConfig"]?["service"]?["port"] = .integer(ServiceReference.defaultPort)
    var configuration = configuration
    configuration["webhooks"] = [webhook]
    return configuration
  }

  private func applyDefaults(of schema: JSONValue, to json: inout JSONValue) {
    if case .array(var elements) = json, let items = schema["items"] {
      for index in elements.indices { self.applyDefaults(of: items, to: &elements[index]) }
      json = .array(elements)
    }
    guard json.objectValue != nil else { return }
    for (name, property) in schema["properties"]?.objectValue ?? [:] {
      if json[name] == nil { json[name] = property["default"] }
      guard var child = json[name] else { continue }
      self.applyDefaults(of: property, to: &child)
      json[name] = child
    }
  }

  // MARK: Samples

  @Test func samplesAreUnderstoodAndHaveOnlyKnownFields() throws {
    let samples = try ManifestFiles.documents(in: "samples")
    // What plugins are configured by is no kind of ours.
    let others = samples.filter { $0.json["apiVersion"] != .string(Umpire.apiVersion) }
    #expect(others.allSatisfy { $0.json["apiVersion"] == "v1" && $0.json["kind"] == "ConfigMap" })
    let own = samples.filter { $0.json["apiVersion"] == .string(Umpire.apiVersion) }
    let kinds = Set(own.compactMap { $0.json["kind"]?.stringValue })
    #expect(kinds == ["Server", "Fleet", "GameType", "GameAutoscaler", "WebhookConfiguration"])
    for (file, json) in own {
      let kind = try #require(json["kind"]?.stringValue)
      #expect(throws: Never.self, "\(file)") { try self.typed(json, kind: kind) }
      self.expectOnlyKnownFields(json, try ManifestFiles.schema(of: kind), path: file)
    }
  }

  private func expectOnlyKnownFields(_ json: JSONValue, _ schema: JSONValue, path: String) {
    if let items = schema["items"] {
      for element in json.arrayValue ?? [] { self.expectOnlyKnownFields(element, items, path: "\(path)[]") }
    }
    guard schema["additionalProperties"] == nil, schema["x-kubernetes-preserve-unknown-fields"] != true,
      !path.hasSuffix(".yaml.metadata")
    else { return }
    for (name, value) in json.objectValue ?? [:] {
      guard let property = schema.at("properties", name) else {
        Issue.record("\(path).\(name) is not in the schema")
        continue
      }
      self.expectOnlyKnownFields(value, property, path: "\(path).\(name)")
    }
  }

  @Test(arguments: ["rbac", "controller", "webhooks"])
  func theOtherManifestsAreObjects(_ folder: String) throws {
    let documents = try ManifestFiles.documents(in: folder)
    #expect(!documents.isEmpty)
    for (file, json) in documents {
      #expect(json["apiVersion"]?.stringValue != nil, "\(file)")
      #expect(json["kind"]?.stringValue != nil, "\(file)")
      #expect(json.at("metadata", "name")?.stringValue != nil, "\(file)")
    }
  }

  @Test func rolesNameOnlyWhatThereIs() throws {
    let own = Set(
      [Server.resourceType, Fleet.resourceType, GameType.resourceType, GameAutoscaler.resourceType]
        .map(\.plural) + [WebhookConfiguration.resourceType.plural])
    let subresources: Set = ["status", "scale", "finalizers"]
    let verbs: Set = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
    let kinds: Set<JSONValue?> = ["ClusterRole", "Role"]
    for (file, role) in try ManifestFiles.documents(in: "rbac") where kinds.contains(role["kind"]) {
      for rule in try #require(role["rules"]?.arrayValue) {
        let granted = Set(rule["verbs"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        // Who binds a role needs no right on the role itself but that.
        let known = rule["resources"] == ["clusterroles"] ? ["bind"] : verbs
        #expect(!granted.isEmpty && granted.isSubset(of: known), "\(file)")
        guard rule["apiGroups"] == [.string(Umpire.group)] else { continue }
        for resource in rule["resources"]?.arrayValue?.compactMap(\.stringValue) ?? [] where resource != "*" {
          let parts = resource.split(separator: "/").map(String.init)
          #expect(own.contains(parts[0]), "\(file): \(resource)")
          #expect(parts.count == 1 || subresources.contains(parts[1]), "\(file): \(resource)")
        }
      }
    }
  }
}
