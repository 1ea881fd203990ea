/// Compares the rules of a user with rules that the user grants.
enum RuleCoverage {
  /// The parts of `wanted` that no rule of `held` covers: one verb and one resource or path each.
  static func missing(_ wanted: [AccessRule], from held: [AccessRule]) -> [AccessRule] {
    wanted.flatMap(self.parts).filter { part in !held.contains { self.rule($0, covers: part) } }
  }

  /// A rule as rules of one verb, one group, one resource and at most one name each.
  static func parts(of rule: AccessRule) -> [AccessRule] {
    var parts: [AccessRule] = []
    for verb in rule.verbs {
      for group in rule.apiGroups {
        for resource in rule.resources {
          let names: [[String]] = rule.resourceNames.isEmpty ? [[]] : rule.resourceNames.map { [$0] }
          parts += names.map { AccessRule([verb], groups: [group], resources: [resource], names: $0) }
        }
      }
      parts += rule.nonResourceURLs.map { AccessRule([verb], urls: [$0]) }
    }
    return parts
  }

  private static func rule(_ held: AccessRule, covers part: AccessRule) -> Bool {
    func all(_ wanted: [String], _ held: [String]) -> Bool { held.contains("*") || wanted.allSatisfy(held.contains) }
    guard all(part.verbs, held.verbs), all(part.apiGroups, held.apiGroups) else { return false }
    guard part.resources.allSatisfy({ self.resources(held.resources, cover: $0) }) else { return false }
    guard
      part.nonResourceURLs.allSatisfy({ path in held.nonResourceURLs.contains { AccessRule.url($0, covers: path) } })
    else { return false }
    return held.resourceNames.isEmpty
      || (!part.resourceNames.isEmpty && part.resourceNames.allSatisfy(held.resourceNames.contains))
  }

  private static func resources(_ held: [String], cover resource: String) -> Bool {
    if held.contains("*") || held.contains(resource) { return true }
    let parts = resource.split(separator: "/", maxSplits: 1)
    return parts.count == 2 && held.contains("*/\(parts[1])")
  }

  /// Missing parts as one line each, those that differ in their verbs only together.
  static func description(of missing: [AccessRule]) -> String {
    var verbs: [AccessRule: [String]] = [:]
    for part in missing {
      var key = part
      key.verbs = []
      for verb in part.verbs where !verbs[key, default: []].contains(verb) { verbs[key, default: []].append(verb) }
    }
    return verbs.map { key, verbs in
      func list(_ strings: [String]) -> String {
        "[" + strings.map { "\"\($0)\"" }.joined(separator: " ") + "]"
      }
      let fields = [
        ("APIGroups", key.apiGroups), ("Resources", key.resources), ("ResourceNames", key.resourceNames),
        ("NonResourceURLs", key.nonResourceURLs), ("Verbs", verbs),
      ]
      let texts = fields.filter { !$0.1.isEmpty }.map { "\($0.0):\(list($0.1))" }
      return "{\(texts.joined(separator: ", "))}"
    }.sorted().joined(separator: "\n")
  }
}
