import KubernetesModel

/// How a write is to be made.
struct WriteOptions: Sendable {
  enum FieldValidation: String, Sendable { case ignore = "Ignore", warn = "Warn", strict = "Strict" }

  /// How long the name of a manager may be.
  static let maximumManagerBytes = 128

  /// The name of the options, such as `PatchOptions`.
  var kind: String
  var isDryRun: Bool
  var fieldValidation: FieldValidation
  var fieldManager: String?
  var isForced: Bool

  /// Reads the options from a query.
  ///
  /// `kind` is the name of the options in errors, such as `PatchOptions`.
  init(_ query: RequestQuery, kind: String, isApply: Bool = false) throws(APIFailure) {
    self.kind = kind
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
    if let manager = self.fieldManager {
      if manager.utf8.count > Self.maximumManagerBytes {
        throw .invalid(name, "", [.tooLong("fieldManager", Self.maximumManagerBytes)])
      }
      if !manager.unicodeScalars.allSatisfy(Self.isPrintable) {
        throw .invalid(
          name, "", [.invalid("fieldManager", .string(manager), "should only contain printable characters")])
      }
    }
    if kind == "PatchOptions", !isApply, query.flag("force") != nil {
      throw .invalid(name, "", [.forbidden("force", "may not be specified for non-apply patch")])
    }
    self.isForced = query.flag("force") ?? false
  }

  /// Whether a manager's name may hold a character.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: scalar == " "
    default: true
    }
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
    if let fault = BuiltInSchemas.deleteOptions?.faults(in: json).first(where: { $0.reason == "FieldValueTypeInvalid" })
    {
      throw APIFailure.badRequest(
        "DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: json: cannot unmarshal field "
          + "\(fault.field): \(fault.message)")
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
    let orphans = json["orphanDependents"]?.boolValue ?? query.flag("orphanDependents")
    if let text = json["propagationPolicy"]?.stringValue ?? query["propagationPolicy"] {
      if orphans != nil {
        throw APIFailure.invalid(
          name, "",
          [
            .invalid(
              "propagationPolicy", .string(text), "orphanDependents and deletionPropagation cannot be both set")
          ])
      }
      guard let propagation = Propagation(rawValue: text) else {
        throw APIFailure.invalid(
          name, "",
          [.notSupported("propagationPolicy", .string(text), ["Foreground", "Background", "Orphan", nil])])
      }
      self.propagation = propagation
    } else if let orphans {
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
