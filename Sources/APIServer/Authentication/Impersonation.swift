import HTTPTypes
import KubernetesModel

/// The user that a request impersonates (`Impersonate-User` and related header fields).
struct Impersonation: Sendable, Hashable {
  /// How many groups and extra values one request may name.
  static let maximumValues = 100

  private(set) var user: RequestUser
  /// The actions that the requesting user must be allowed to perform.
  private(set) var requirements: [AccessAttributes]

  /// Reads the header fields of a request; nil if it impersonates no user.
  ///
  /// - Throws: ``APIFailure`` with code 400 for fields without a user, or too many of them.
  init?(_ fields: HTTPFields) throws(APIFailure) {
    let username = fields[.impersonateUser] ?? ""
    let groups = fields[values: .impersonateGroup]
    let uid = fields[.impersonateUID] ?? ""
    var extra: [String: [String]] = [:]
    for field in fields {
      let name = field.name.canonicalName
      guard name.hasPrefix(Self.extraPrefix) else { continue }
      let key = RequestQuery.decoded(name.dropFirst(Self.extraPrefix.count), plusIsSpace: false)
      extra[key, default: []].append(field.value)
    }
    guard !username.isEmpty else {
      if groups.isEmpty, uid.isEmpty, extra.isEmpty { return nil }
      throw .badRequest("requested groups, a UID or extra values without impersonating a user")
    }
    guard groups.count + extra.values.reduce(0, { $0 + $1.count }) <= Self.maximumValues else {
      throw .badRequest("a request may impersonate at most \(Self.maximumValues) groups and extra values")
    }
    self.user = RequestUser(username: username, uid: uid, groups: groups, extra: extra)
    self.requirements = []
    self.require("users", name: username)
    if let account = ServiceAccountName(username: username) {
      self.requirements = []
      self.require("serviceaccounts", name: account.name, namespace: account.namespace)
      if groups.isEmpty { self.user.groups = account.groups }
    }
    for group in groups { self.require("groups", name: group) }
    for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
      for value in values { self.require("userextras", subresource: key, name: value, group: Self.group) }
    }
    if !uid.isEmpty { self.require("uids", name: uid, group: Self.group) }
    self.addGroupOfAll()
  }

  private static let extraPrefix = "impersonate-extra-"
  private static let group = "authentication.k8s.io"

  private mutating func require(
    _ resource: String, subresource: String = "", name: String, namespace: String = "", group: String = ""
  ) {
    let target = AccessAttributes.ResourceTarget(
      group: group, resource: resource, subresource: subresource, name: name, namespace: namespace)
    self.requirements.append(AccessAttributes("impersonate", target))
  }

  /// Adds the group of all authenticated users, or that of anonymous ones.
  private mutating func addGroupOfAll() {
    let isAnonymous = self.user.username == RequestUser.anonymousName
    let group = isAnonymous ? RequestUser.unauthenticatedGroup : RequestUser.authenticatedGroup
    let groups = self.user.groups
    if groups.contains(RequestUser.unauthenticatedGroup) { return }
    if !groups.contains(group) { self.user.groups.append(group) }
  }
}

extension HTTPField.Name {
  fileprivate static let impersonateUser = Self("Impersonate-User")!
  fileprivate static let impersonateGroup = Self("Impersonate-Group")!
  fileprivate static let impersonateUID = Self("Impersonate-Uid")!
}
