import KubernetesModel

/// A request's failure as the client sees it.
struct APIFailure: Error, Sendable {
  var code: Int
  /// For programs; empty where the real server gives none.
  var reason: String
  var message: String
  /// The details; nil where the real server sends none.
  var details: JSONValue?
  /// Where a list whose state is no longer known can go on with the present one; empty elsewhere.
  var continuation = ""
  /// What the client is warned of beside.
  var warnings: [String] = []
  /// Whether a webhook is behind it, whose code and reason say nothing about what is stored.
  var isOfWebhook = false

  init(_ code: Int, _ reason: String, _ message: String, details: JSONValue? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
  }

  /// The body of the answer.
  var status: JSONValue {
    var status: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Failure",
      "message": .string(self.message), "code": .integer(Int64(self.code)),
    ]
    if !self.reason.isEmpty { status["reason"] = .string(self.reason) }
    status["details"] = self.details
    if !self.continuation.isEmpty { status["metadata"] = ["continue": .string(self.continuation)] }
    return status
  }

  static func details(
    _ resource: GroupResource, name: String? = nil, causes: [FieldFault] = [], retryAfterSeconds: Int64? = nil
  ) -> JSONValue {
    var details: JSONValue = .object([:])
    if !resource.group.isEmpty { details["group"] = .string(resource.group) }
    if !resource.resource.isEmpty { details["kind"] = .string(resource.resource) }
    if let name, !name.isEmpty { details["name"] = .string(name) }
    if !causes.isEmpty { details["causes"] = .array(causes.map(\.json)) }
    details["retryAfterSeconds"] = retryAfterSeconds.map(JSONValue.integer)
    return details
  }
}

extension APIFailure {
  static func badRequest(_ message: String) -> APIFailure { APIFailure(400, "BadRequest", message) }

  static let unauthorized = APIFailure(401, "Unauthorized", "Unauthorized")

  static func forbidden(_ resource: GroupResource, _ name: String, _ detail: String) -> APIFailure {
    APIFailure(
      403, "Forbidden", "\(resource) \"\(name)\" is forbidden: \(detail)", details: Self.details(resource, name: name))
  }

  static func notFound(_ resource: GroupResource, _ name: String) -> APIFailure {
    APIFailure(
      404, "NotFound", "\(resource) \"\(name)\" not found", details: Self.details(resource, name: name))
  }

  static func methodNotAllowed(_ resource: GroupResource?, verb: String) -> APIFailure {
    guard let resource else {
      return APIFailure(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
        details: .object([:]))
    }
    return APIFailure(
      405, "MethodNotAllowed", "\(verb) is not supported on resources of kind \"\(resource)\"",
      details: Self.details(resource))
  }

  static let notAcceptable = APIFailure(
    406, "NotAcceptable", "only the following media types are accepted: application/json")

  static func alreadyExists(_ resource: GroupResource, _ name: String) -> APIFailure {
    APIFailure(
      409, "AlreadyExists", "\(resource) \"\(name)\" already exists", details: Self.details(resource, name: name))
  }

  static func conflict(_ resource: GroupResource, _ name: String, _ detail: String? = nil) -> APIFailure {
    let detail =
      detail ?? "the object has been modified; please apply your changes to the latest version and try again"
    return APIFailure(
      409, "Conflict", "Operation cannot be fulfilled on \(resource) \"\(name)\": \(detail)",
      details: Self.details(resource, name: name))
  }

  static func expired(_ message: String) -> APIFailure { APIFailure(410, "Expired", message) }

  static let tooLarge = APIFailure(
    413, "RequestEntityTooLarge", "Request entity too large: limit is \(EmbeddedAPIServer.maximumBodyBytes)",
    details: .object([:]))

  static let headTooLarge = APIFailure(
    431, "RequestHeaderFieldsTooLarge",
    "Request header fields too large: limit is \(EmbeddedAPIServer.maximumHeadBytes)",
    details: .object([:]))

  static func unsupportedMediaType(_ accepted: [String]) -> APIFailure {
    APIFailure(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: "
        + accepted.joined(separator: ", "))
  }

  /// The object as it stands is refused.
  ///
  /// `kind` holds the kind in the place of the plural.
  static func invalid(_ kind: GroupResource, _ name: String, _ faults: [FieldFault]) -> APIFailure {
    return APIFailure(
      422, "Invalid", "\(kind) \"\(name)\" is invalid: \(FieldFault.summary(of: faults))",
      details: Self.details(kind, name: name, causes: faults))
  }

  /// A patch that makes something of the object that cannot be read.
  ///
  /// The real server blames the patch, and names neither kind nor object.
  static func invalidPatch(_ patched: JSONValue, _ detail: String) -> APIFailure {
    .invalid(GroupResource(group: "", resource: ""), "", [.invalid("patch", patched, detail)])
  }

  /// A patch that cannot be applied to the object.
  static let unprocessable = APIFailure(
    422, "Invalid", "the server rejected our request due to an error in our request", details: .object([:]))

  static let internalError = APIFailure(500, "InternalError", "Internal error occurred: see the server's log")

  static let unavailable = APIFailure(
    503, "ServiceUnavailable", "the server is shutting down", details: ["retryAfterSeconds": 1])
}
