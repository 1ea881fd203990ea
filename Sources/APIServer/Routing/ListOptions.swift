import KubernetesModel

/// What a list or a watch asks for.
struct ListOptions: Sendable {
  var labels = LabelQuery()
  var fields = FieldSelector()
  var limit: Int?
  var continuation: Continuation?
  /// Nil if the client named none.
  var resourceVersion: Int64?
  var resourceVersionMatch: String?
  var isWatch = false
  var allowsBookmarks = false
  var sendsInitialEvents: Bool?
  /// How long a watch may last; nil for the server's choice.
  var timeout: Duration?

  /// Reads the options from a query.
  init(_ query: RequestQuery, resource: ServedResource) throws(APIFailure) {
    do {
      self.labels = try LabelQuery(query["labelSelector"] ?? "")
      self.fields = try FieldSelector(query["fieldSelector"] ?? "")
    } catch {
      throw .badRequest(error.message)
    }
    for requirement in self.fields.requirements {
      guard
        ["metadata.name", "metadata.namespace"].contains(requirement.field)
          || resource.version.selectableFields.contains(requirement.field)
      else { throw .badRequest("field label not supported: \(requirement.field)") }
    }
    self.isWatch = query.flag("watch") ?? false
    self.allowsBookmarks = query.flag("allowWatchBookmarks") ?? false
    self.sendsInitialEvents = query.flag("sendInitialEvents")
    self.resourceVersionMatch = query["resourceVersionMatch"]
    if let text = query["resourceVersion"] {
      guard let version = Int64(text), version >= 0 else {
        throw APIFailure.badRequest("resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: invalid syntax")
      }
      self.resourceVersion = version
    }
    self.limit = try Self.integer(query, "limit").flatMap { $0 > 0 ? Int(clamping: $0) : nil }
    self.timeout = try Self.integer(query, "timeoutSeconds").map { .seconds(max(0, min($0, 86_400))) }
    if let token = query["continue"] {
      guard let continuation = Continuation(token: token) else {
        throw APIFailure.badRequest("continue key is not valid: illegal base64 data")
      }
      self.continuation = continuation
    }
    try self.check()
  }

  private func check() throws(APIFailure) {
    let isListing = !self.isWatch && self.sendsInitialEvents == nil
    if let match = self.resourceVersionMatch {
      guard match == "Exact" || match == "NotOlderThan" else {
        throw .badRequest(
          "resourceVersionMatch: Unsupported value: \"\(match)\": supported values: \"Exact\", \"NotOlderThan\"")
      }
      if isListing, self.resourceVersion == nil {
        throw .badRequest(
          "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")
      }
    }
    if self.isWatch, self.sendsInitialEvents != nil, self.resourceVersionMatch == nil {
      throw .badRequest(
        "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
    }
  }

  private static func integer(_ query: RequestQuery, _ name: String) throws(APIFailure) -> Int64? {
    guard let text = query[name] else { return nil }
    guard let value = Int64(text) else {
      throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
    return value
  }

  /// The query that finds the objects.
  func storeQuery(_ resource: ServedResource, namespace: String?) -> StoreQuery {
    StoreQuery(
      resource: resource.definition.storeResource, namespace: namespace, labels: self.labels, fields: self.fields,
      limit: self.limit, after: self.continuation.map { ($0.namespace, $0.name) })
  }
}
