import KubernetesModel

extension LabelQuery {
  /// Each object is compared with every one of them.
  static let maximumRequirements = 1000
}

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
    guard
      max(self.labels.requirements.count, self.fields.requirements.count) <= LabelQuery.maximumRequirements
    else { throw .badRequest("a selector may have at most \(LabelQuery.maximumRequirements) requirements") }
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
        throw APIFailure.badRequest("invalid continue token: continue key is not valid")
      }
      self.continuation = continuation
    }
    try self.check()
  }

  private func check() throws(APIFailure) {
    let faults = self.isWatch ? self.watchFaults : self.listFaults
    guard faults.isEmpty else {
      throw .invalid(GroupResource(group: "meta.k8s.io", resource: "ListOptions"), "", faults)
    }
    if !self.isWatch, self.continuation != nil, let version = self.resourceVersion, version > 0 {
      throw .badRequest("specifying resource version is not allowed when using continue")
    }
  }

  private var listFaults: [FieldFault] {
    var faults: [FieldFault] = []
    if let match = self.resourceVersionMatch {
      if self.resourceVersion == nil {
        faults.append(Self.forbiddenMatch("resourceVersionMatch is forbidden unless resourceVersion is provided"))
      }
      if self.continuation != nil {
        faults.append(Self.forbiddenMatch("resourceVersionMatch is forbidden when continue is provided"))
      }
      if match != "Exact", match != "NotOlderThan" {
        faults.append(.notSupported("resourceVersionMatch", .string(match), ["Exact", "NotOlderThan", ""]))
      }
      if match == "Exact", self.resourceVersion == 0 {
        faults.append(
          Self.forbiddenMatch("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
      }
    }
    if self.sendsInitialEvents != nil {
      faults.append(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    }
    return faults
  }

  private var watchFaults: [FieldFault] {
    var faults: [FieldFault] = []
    if self.sendsInitialEvents != nil, self.resourceVersionMatch != "NotOlderThan" {
      faults.append(
        Self.forbiddenMatch("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    }
    guard let match = self.resourceVersionMatch else { return faults }
    if self.sendsInitialEvents == nil {
      faults.append(
        Self.forbiddenMatch("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
    }
    if match != "NotOlderThan" {
      faults.append(.notSupported("resourceVersionMatch", .string(match), ["NotOlderThan"]))
    }
    if self.continuation != nil {
      faults.append(Self.forbiddenMatch("resourceVersionMatch is forbidden when continue is provided"))
    }
    return faults
  }

  private static func forbiddenMatch(_ detail: String) -> FieldFault { .forbidden("resourceVersionMatch", detail) }

  private static func integer(_ query: RequestQuery, _ name: String) throws(APIFailure) -> Int64? {
    guard let text = query[name] else { return nil }
    guard let value = Int64(text) else {
      throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
    return value
  }

  /// The revision whose state is asked for; nil if any recent one will do.
  private var wantedRevision: Int64? {
    if let continuation = self.continuation {
      return continuation.revision == Continuation.latest ? nil : continuation.revision
    }
    guard let version = self.resourceVersion, version > 0 else { return nil }
    // The first page of a list is of just the version that it names, unless it says otherwise.
    let isExact = self.resourceVersionMatch.map { $0 == "Exact" } ?? (self.limit != nil)
    return isExact ? version : nil
  }

  /// The query that finds the objects.
  func storeQuery(_ resource: ServedResource, namespace: String?) -> StoreQuery {
    var fields = self.fields
    if let view = resource.definition.view {
      for index in fields.requirements.indices {
        let field = fields.requirements[index].field
        fields.requirements[index].field = view.fields[field] ?? field
      }
    }
    return StoreQuery(
      resource: resource.definition.storeResource, namespace: namespace, labels: self.labels, fields: fields,
      limit: self.limit, after: self.continuation.map { ($0.namespace, $0.name) }, revision: self.wantedRevision)
  }
}
