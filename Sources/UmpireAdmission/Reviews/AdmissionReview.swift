package import KubernetesModel

/// A question of kube-apiserver's whether a request may pass, and its answer (`admission.k8s.io/v1`).
package struct AdmissionReview: Sendable, Hashable, Codable {
  /// `admission.k8s.io/v1`.
  package static let apiVersion = "admission.k8s.io/v1"
  /// `AdmissionReview`.
  package static let kind = "AdmissionReview"

  /// The version in which the message is written.
  package var apiVersion: String
  /// The kind of the message.
  package var kind: String
  /// The question; absent in an answer.
  package var request: AdmissionRequest?
  /// The answer; absent in a question.
  package var response: AdmissionResponse?

  /// Creates an answer.
  package init(response: AdmissionResponse) {
    self.apiVersion = Self.apiVersion
    self.kind = Self.kind
    self.response = response
  }
}

/// What somebody asks of the API server.
///
/// Fields that say nothing to us are left out.
package struct AdmissionRequest: Sendable, Hashable, Codable {
  /// Comes back in the answer.
  package var uid: String
  /// The kind of the object.
  package var kind: GroupVersionKind
  /// The resource that is written to.
  package var resource: GroupVersionResource
  /// For example `status`; absent for the object itself.
  package var subResource: String?
  /// The object's name; may be absent while the server has yet to make one.
  package var name: String?
  /// The object's namespace; absent for kinds without.
  package var namespace: String?
  /// What is done with the object.
  package var operation: Operation
  /// Who asks.
  package var userInfo: UserInfo?
  /// The object as it would be; null for deletions.
  package var object: JSONValue?
  /// The object as it is; null for creations.
  package var oldObject: JSONValue?
  /// Whether nothing is stored in the end.
  package var dryRun: Bool?
  /// How it is done: for deletions the `DeleteOptions`.
  package var options: JSONValue?

  /// What is done with an object.
  package enum Operation: String, Sendable, Hashable, Codable {
    /// It is made.
    case create = "CREATE"
    /// It is changed.
    case update = "UPDATE"
    /// It is deleted.
    case delete = "DELETE"
    /// A connection to it is opened.
    case connect = "CONNECT"
  }

  /// Names a kind.
  package struct GroupVersionKind: Sendable, Hashable, Codable {
    /// Empty for the core group.
    package var group: String
    /// For example `v1alpha1`.
    package var version: String
    /// For example `Fleet`.
    package var kind: String
  }

  /// Names a resource.
  package struct GroupVersionResource: Sendable, Hashable, Codable {
    /// Empty for the core group.
    package var group: String
    /// For example `v1alpha1`.
    package var version: String
    /// For example `fleets`.
    package var resource: String
  }

  /// Who asks.
  package struct UserInfo: Sendable, Hashable, Codable {
    /// The user's name.
    package var username: String?
    /// The user's uid.
    package var uid: String?
    /// The user's groups.
    package var groups: [String]?
    /// What else the API server knows of the user; Go writes an empty list as null.
    package var extra: [String: [String]?]?
  }
}

/// Whether the request may pass.
package struct AdmissionResponse: Sendable, Hashable, Codable {
  /// The request's.
  package var uid: String
  /// Whether it may pass.
  package var allowed: Bool
  /// Why it may not.
  package var status: Status?
  /// What to change in the object, in base64.
  package var patch: String?
  /// `JSONPatch`, if there is a patch.
  package var patchType: String?
  /// What the client is told besides.
  package var warnings: [String]?

  /// Creates an answer.
  package init(uid: String, allowed: Bool, status: Status? = nil, warnings: [String] = []) {
    self.uid = uid
    self.allowed = allowed
    self.status = status
    self.warnings = warnings.isEmpty ? nil : warnings
  }
}
