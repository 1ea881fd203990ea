import KubernetesModel

/// Who makes a request (`authentication.k8s.io/v1` UserInfo).
struct RequestUser: Sendable, Hashable {
  var username: String
  /// Empty if there is none.
  var uid = ""
  var groups: [String] = []
  var extra: [String: [String]] = [:]
  /// Whether the user may do everything whatever the roles say, although no group says so.
  var isAdministrator = false

  static let mastersGroup = "system:masters"
  static let authenticatedGroup = "system:authenticated"
  static let unauthenticatedGroup = "system:unauthenticated"
  static let anonymousName = "system:anonymous"

  /// A person on this machine who shows no token, where that is allowed.
  static let anonymous = RequestUser(
    username: Self.anonymousName, groups: [Self.unauthenticatedGroup], isAdministrator: true)
  /// A person who shows one of the tokens that are accepted.
  static let tokenBearer = RequestUser(
    username: "kubernetes-admin", groups: [Self.mastersGroup, Self.authenticatedGroup])
  /// The server by itself.
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
