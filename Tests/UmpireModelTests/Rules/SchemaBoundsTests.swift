import KubernetesModel
import TestSupport
import Testing
import UmpireModel

/// What a definition's schema says of a single number or text, the rules say too.
@Suite struct SchemaBoundsTests {
  private static let spec: JSONValue = [
    "pod": [
      "containers": [["name": "game", "image": "game:1"]], "initContainers": [["name": "init", "image": "init:1"]],
    ],
    "readinessGates": ["a"], "deletableGates": ["b"], "constraints": [["type": "c", "message": "m"]],
    "webhookConfigurationName": "arena", "sidecar": ["image": "own", "port": 8080, "configMapName": "plugins"],
  ]
  private static let fleet: JSONValue = ["scaling": ["replicas": 1], "spec": Self.spec]
  private static let service: JSONValue = ["name": "studio", "namespace": "games", "path": "/x", "port": 8000]

  /// An object of each kind in which every field stands, also those that exclude each other.
  private static let full: [String: JSONValue] = [
    "Server": ["metadata": ["name": "a"], "spec": Self.spec],
    "Fleet": ["metadata": ["name": "a"], "spec": Self.fleet],
    "GameType": [
      "metadata": ["name": "a"],
      "spec": ["fleetSpec": Self.fleet, "updateStrategy": ["rollingUpdate": ["maxSurge": 1, "maxUnavailable": 1]]],
    ],
    "GameAutoscaler": [
      "metadata": ["name": "a"],
      "spec": [
        "gameName": "arena", "sync": [:], "behavior": ["scaleUp": ["maxStep": 1], "scaleDown": ["maxStep": 1]],
        "policy": [
          "type": "webhook",
          "webhook": [
            "url": "https://a", "path": "x", "service": Self.service, "caBundle": .string(CertificateSamples.bundle),
            "configurationRef": ["name": "arena", "webhook": "scale"],
          ],
        ],
      ],
    ],
    "WebhookConfiguration": [
      "metadata": ["name": "a"],
      "webhooks": [
        [
          "name": "w", "type": "ReadinessWebhook",
          "clientConfig": [
            "url": "https://a", "service": Self.service, "caBundle": .string(CertificateSamples.bundle),
          ],
          "signingSecretRef": ["name": "s", "key": "k"], "clientCertificateRef": ["name": "t"],
        ]
      ],
    ],
  ]

  /// A value that a schema refuses, and where.
  private struct Trespass {
    var path: [String]
    var value: JSONValue

    var field: String {
      self.path.dropFirst().reduce(self.path[0]) { Int($1) == nil ? "\($0).\($1)" : "\($0)[\($1)]" }
    }
  }

  private static func trespasses(in schema: JSONValue, path: [String] = []) -> [Trespass] {
    var values: [JSONValue] = []
    if let minimum = schema["minimum"]?.integerValue { values.append(.integer(minimum - 1)) }
    if let maximum = schema["maximum"]?.integerValue { values.append(.integer(maximum + 1)) }
    let pattern = schema["pattern"]?.stringValue ?? ""
    // Durations and shares are read into numbers before the rules see them.
    if schema["type"] == "string", schema["enum"] == nil, !pattern.contains("(ns|us|") {
      if let maximum = schema["maxLength"]?.integerValue {
        values.append(.string(String(repeating: "a", count: Int(maximum) + 1)))
      }
      if schema["minLength"] != nil { values.append("") }
      if !pattern.isEmpty { values.append("!") }
    }
    var found = values.map { Trespass(path: path, value: $0) }
    for (name, property) in schema["properties"]?.objectValue ?? [:]
    where !path.isEmpty || name == "spec" || name == "webhooks" {
      found += Self.trespasses(in: property, path: path + [name])
    }
    if let items = schema["items"] { found += Self.trespasses(in: items, path: path + ["0"]) }
    return found
  }

  private static func setting(_ value: JSONValue, at path: ArraySlice<String>, in json: JSONValue) -> JSONValue {
    guard let step = path.first else { return value }
    if let index = Int(step), case .array(var elements) = json, elements.indices.contains(index) {
      elements[index] = Self.setting(value, at: path.dropFirst(), in: elements[index])
      return .array(elements)
    }
    var json = json
    json[step] = Self.setting(value, at: path.dropFirst(), in: json[step] ?? [:])
    return json
  }

  @Test(arguments: [
    ("Server", 30), ("Fleet", 32), ("GameType", 38), ("GameAutoscaler", 38), ("WebhookConfiguration", 25),
  ])
  func everyBoundIsKept(kind: String, least: Int) throws {
    let full = try #require(Self.full[kind])
    let sound = Set(try RuleSubject.problems(kind, full).map(\.fault.field))
    let trespasses = Self.trespasses(in: try ManifestFiles.schema(of: kind))
    #expect(trespasses.count >= least, "\(trespasses.count)")
    for trespass in trespasses {
      let object = Self.setting(trespass.value, at: trespass.path[...], in: full)
      let fields = try RuleSubject.problems(kind, object).errors.map(\.field)
      #expect(fields.contains(trespass.field), "\(trespass.field): \(trespass.value)")
      // It is the value that is refused.
      #expect(!sound.contains(trespass.field), "\(trespass.field)")
    }
  }
}
