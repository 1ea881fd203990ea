import KubernetesModel

/// How a write is to be made.
struct WriteOptions: Sendable {
  enum FieldValidation: String, Sendable { case ignore = "Ignore", warn = "Warn", strict = "Strict" }

  var isDryRun: Bool
  var fieldValidation: FieldValidation
  var fieldManager: String?
  var isForced: Bool

  /// Reads the options from a query.
  ///
  /// `kind` is the name of the options in errors, such as `PatchOptions`.
  init(_ query: RequestQuery, kind: String) throws(APIFailure) {
    let name = GroupResource(group: "meta.k8s.io", resource: kind)
    let dryRun = query.all("dryRun").filter { !$0.isEmpty }
    if let other = dryRun.first(where: { $0 != "All" }) {
      throw .invalid(name, "", [.notSupported("dryRun", .string(other), ["All"])])
    }
    self.isDryRun = !dryRun.isEmpty
    let text = query["fieldValidation"] ?? "Warn"
    guard let validation = FieldValidation(rawValue: text) else {
      throw .invalid(name, "", [.notSupported("fieldValidation", .string(text), ["Ignore", "Strict", "Warn"])])
    }
    self.fieldValidation = validation
    self.fieldManager = query["fieldManager"]
    if let manager = self.fieldManager, manager.utf8.count > 128 {
      throw .invalid(name, "", [.tooLong("fieldManager", 128)])
    }
    self.isForced = query.flag("force") ?? false
  }
}

/// How an object is to be deleted (`metav1.DeleteOptions`).
struct DeleteOptions: Sendable, Hashable {
  enum Propagation: String, Sendable { case background = "Background", foreground = "Foreground", orphan = "Orphan" }

  var gracePeriodSeconds: Int64?
  var propagation: Propagation?
  var preconditionUID: String?
  var preconditionResourceVersion: String?
  var isDryRun = false

  /// Deletes at once and for good.
  static let immediate = DeleteOptions(gracePeriodSeconds: 0)

  init(gracePeriodSeconds: Int64? = nil) { self.gracePeriodSeconds = gracePeriodSeconds }

  /// Reads the options from the body, or from the query if there is none.
  init(_ query: RequestQuery, body: [UInt8]) throws(APIFailure) {
    var json: JSONValue = .object([:])
    if !body.isEmpty {
      do {
        json = try JSONValue(parsing: body)
      } catch {
        throw APIFailure.badRequest("the request body is not valid DeleteOptions: \(error)")
      }
    }
    if let kind = json["kind"]?.stringValue, !kind.isEmpty, kind != "DeleteOptions" {
      throw APIFailure.badRequest("\(kind) cannot be handled as a DeleteOptions")
    }
    self.gracePeriodSeconds = json["gracePeriodSeconds"]?.integerValue
    if let text = query["gracePeriodSeconds"], self.gracePeriodSeconds == nil {
      guard let seconds = Int64(text) else {
        throw APIFailure.badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
      }
      self.gracePeriodSeconds = seconds
    }
    let name = GroupResource(group: "meta.k8s.io", resource: "DeleteOptions")
    if let seconds = self.gracePeriodSeconds, seconds < 0 { self.gracePeriodSeconds = 1 }
    if let text = json["propagationPolicy"]?.stringValue ?? query["propagationPolicy"] {
      guard let propagation = Propagation(rawValue: text) else {
        throw APIFailure.invalid(
          name, "",
          [.notSupported("propagationPolicy", .string(text), ["Foreground", "Background", "Orphan", nil])])
      }
      self.propagation = propagation
    } else if let orphans = json["orphanDependents"]?.boolValue ?? query.flag("orphanDependents") {
      self.propagation = orphans ? .orphan : .background
    }
    self.preconditionUID = json["preconditions"]?["uid"]?.stringValue
    self.preconditionResourceVersion = json["preconditions"]?["resourceVersion"]?.stringValue
    let dryRun = (json["dryRun"]?.arrayValue?.compactMap(\.stringValue) ?? query.all("dryRun")).filter { !$0.isEmpty }
    if let other = dryRun.first(where: { $0 != "All" }) {
      throw APIFailure.invalid(name, "", [.notSupported("dryRun", .string(other), ["All"])])
    }
    self.isDryRun = !dryRun.isEmpty
  }
}
