import KubernetesModel
import TestSupport
import Testing
import UmpireModel

/// Every rule that a definition states in CEL has a twin in Swift that decides the same cases.
@Suite struct InvariantTwinTests {
  @Test func everyRuleOfTheDefinitionsIsHere() throws {
    var stated: Set<String> = []
    for (_, definition) in try ManifestFiles.documents(in: "crds") {
      let kind = try #require(definition.at("spec", "names", "kind")?.stringValue)
      stated.formUnion(Self.rules(in: try ManifestFiles.schema(of: kind)).map { "\(kind) \($0)" })
    }
    #expect(stated == Set(Invariant.all.map(\.key)))
    #expect(stated.count == 33)
  }

  @Test func theTwinsDecideTheSame() throws {
    for invariant in Invariant.all {
      #expect(!invariant.accepted.isEmpty && !invariant.refused.isEmpty)
      for object in invariant.accepted {
        let errors = try RuleSubject.problems(invariant.kind, object, replacing: invariant.old).errors
        #expect(errors.isEmpty, "\(invariant.key): \(object)")
      }
      for object in invariant.refused {
        let errors = try RuleSubject.problems(invariant.kind, object, replacing: invariant.old).errors
        #expect(errors.contains { $0.message.hasSuffix(invariant.message) }, "\(invariant.key): \(object): \(errors)")
      }
    }
  }

  /// `path: message` of every rule in a schema.
  private static func rules(in schema: JSONValue, path: String = "") -> [String] {
    var found = (schema["x-kubernetes-validations"]?.arrayValue ?? []).map {
      "\(path): \($0["message"]?.stringValue ?? "")"
    }
    for (name, property) in schema["properties"]?.objectValue ?? [:] {
      found += Self.rules(in: property, path: path.isEmpty ? name : "\(path).\(name)")
    }
    if let items = schema["items"] { found += Self.rules(in: items, path: "\(path)[]") }
    return found
  }
}
