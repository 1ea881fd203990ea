import KubernetesModel

/// Computes the rules of aggregated ClusterRoles (`aggregationRule`).
enum RoleAggregation {
  static let field = "aggregationRule"

  /// The rules that a role should have, of the roles whose labels it asks for, by name, each rule once; nil if it
  /// gathers nothing.
  static func rules(of role: APIObject, among roles: [APIObject]) -> JSONValue? {
    guard let selectors = role[path: "\(self.field).clusterRoleSelectors"]?.arrayValue else { return nil }
    let queries = selectors.map(LabelQuery.init(selector:))
    var rules: [JSONValue] = []
    for other in roles.sorted(by: { $0.name ?? "" < $1.name ?? "" }) where other.name != role.name {
      let labels = other.labels
      guard queries.contains(where: { $0.matches(labels) }) else { continue }
      for rule in other.json["rules"]?.arrayValue ?? [] where !rules.contains(rule) { rules.append(rule) }
    }
    return rules.isEmpty ? .null : .array(rules)
  }
}
