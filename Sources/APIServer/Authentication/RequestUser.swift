import KubernetesModel

/// The user of a request (`authentication.k8s.io/v1` UserInfo).
struct RequestUser: Sendable, Hashable {
  var username: String
  /// Empty if there is none.
  var uid = ""
  var groups: [String] = []
  var extra: [String: [String]] = [:]
  /// Whether the user bypasses roles without being in the group `system:masters`.
  var isAdministrator = false

  static let mastersGroup = "system:masters"
  static let authenticatedGroup = "system:authenticated"
  static let unauthenticatedGroup = "system:unauthenticated"
  static let anonymousName = "system:anonymous"

  /// The user of a request without a token, if such requests are served.
  static let anonymous = RequestUser(
    username: Self.anonymousName, groups: [Self.unauthenticatedGroup], isAdministrator: true)
  /// The user of a request with one of the configured tokens.
  static let tokenBearer = RequestUser(
    username: "kubernetes-admin", groups: [Self.mastersGroup, Self.authenticatedGroup])
  /// The server's own user.
  static let server = RequestUser(username: "system:apiserver", groups: [Self.mastersGroup, Self.authenticatedGroup])

  /// Whether roles do not limit the user.
  var isPrivileged: Bool { self.isAdministrator || self.groups.contains(Self.mastersGroup) }

  /// The user as reviews and the questions to webhooks show it.
  var json: JSONValue {
    var json: JSONValue = ["username": .string(self.username)]
    if !self.uid.isEmpty { json["uid"] = .string(self.uid) }
    if !self.groups.isEmpty { json["groups"] = .array(self.groups.map(JSONValue.string)) }
    if !self.extra.isEmpty {
      json["extra"] = .object(self.extra.mapValues { .array($0.map(JSONValue.string)) })
    }
    return json
  }
}
