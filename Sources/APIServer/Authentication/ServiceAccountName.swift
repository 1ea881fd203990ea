/// The name of a service account as a user: `system:serviceaccount:NAMESPACE:NAME`.
struct ServiceAccountName: Sendable, Hashable {
  private static let prefix = "system:serviceaccount:"
  /// The group of every service account.
  static let group = "system:serviceaccounts"

  var namespace: String
  var name: String

  init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// Reads a user's name; nil if it is no service account's.
  init?(username: String) {
    guard username.hasPrefix(Self.prefix) else { return nil }
    let parts = username.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    self.init(namespace: String(parts[0]), name: String(parts[1]))
  }

  var username: String { "\(Self.prefix)\(self.namespace):\(self.name)" }

  /// The groups that every account of the namespace is in, without those of all users.
  var groups: [String] { [Self.group, "\(Self.group):\(self.namespace)"] }
}
