import KubernetesModel

/// Who owns which fields of an object: `metadata.managedFields`.
struct ManagedFields: Sendable, Hashable {
  /// One owner's part, in the form in which objects carry it.
  ///
  /// Few of an object's owners are touched by a write, so the others are passed on as they are.
  struct Entry: Sendable, Hashable {
    enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

    private(set) var json: JSONValue

    fileprivate init(json: JSONValue) { self.json = json }

    init(_ owner: Owner, time: String, _ fields: FieldSet = FieldSet()) {
      self.json = [
        "operation": .string(owner.operation.rawValue), "apiVersion": .string(owner.apiVersion), "time": .string(time),
        "fieldsType": "FieldsV1", "fieldsV1": fields.json,
      ]
      if !owner.manager.isEmpty { self.json["manager"] = .string(owner.manager) }
      if !owner.subresource.isEmpty { self.json["subresource"] = .string(owner.subresource) }
    }

    var manager: String { self.json["manager"]?.stringValue ?? "" }
    var operation: Operation { self.json["operation"] == "Apply" ? .apply : .update }
    var subresource: String { self.json["subresource"]?.stringValue ?? "" }
    var apiVersion: String { self.json["apiVersion"]?.stringValue ?? "" }

    var time: String {
      get { self.json["time"]?.stringValue ?? "" }
      set { self.json["time"] = .string(newValue) }
    }

    var fields: FieldSet {
      get { FieldSet(json: self.json["fieldsV1"] ?? nil) }
      set { self.json["fieldsV1"] = newValue.json }
    }

    /// Whether nothing is owned.
    var isEmpty: Bool { self.json["fieldsV1"] == .object([:]) }

    func belongs(to owner: Owner) -> Bool {
      self.manager == owner.manager && self.operation == owner.operation && self.subresource == owner.subresource
        // Who applies is the same one in every version.
        && (owner.operation == .apply || self.apiVersion == owner.apiVersion)
    }

    /// Whether any of the places is owned.
    func owns(anyOf fields: FieldSet) -> Bool { self.json["fieldsV1"].map(fields.intersects) ?? false }

    /// Gives up the places.
    mutating func lose(_ fields: FieldSet) {
      if self.owns(anyOf: fields) { self.fields.subtract(fields) }
    }
  }

  /// What tells owners apart.
  struct Owner: Sendable, Hashable {
    var manager: String
    var operation: Entry.Operation
    var subresource: String
    var apiVersion: String
  }

  var entries: [Entry]

  init(entries: [Entry] = []) { self.entries = entries }

  /// Reads the managed fields that a stored object carries.
  init(_ object: APIObject) {
    self.entries = (object[metadata: "managedFields"]?.arrayValue ?? []).map(Entry.init(json:))
  }

  /// The form that objects carry; nil if there is no owner.
  var json: JSONValue? {
    let entries = self.entries.filter { !$0.isEmpty }.sorted(by: Self.isBefore)
    return entries.isEmpty ? nil : .array(entries.map(\.json))
  }

  /// Whether all is the same but for the times.
  func isSame(as other: ManagedFields) -> Bool {
    func timeless(_ fields: ManagedFields) -> Set<JSONValue> {
      Set(
        fields.entries.map { entry in
          var json = entry.json
          json["time"] = nil
          return json
        })
    }
    return self.entries.count == other.entries.count && timeless(self) == timeless(other)
  }

  private static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
    if left.operation != right.operation { return left.operation == .apply }
    return (left.time, left.manager, left.apiVersion, left.subresource)
      < (right.time, right.manager, right.apiVersion, right.subresource)
  }
}

/// Managed fields that a client wrote.
extension ManagedFields {
  /// What a client's word for an object's managed fields means.
  enum Request: Sendable, Hashable {
    /// Nothing: the object's own stay. So it is too if the word cannot be read.
    case keep
    /// Forget all owners: an empty list, or a list of one empty entry.
    case reset
    case replace(ManagedFields)

    init(_ json: JSONValue?) {
      guard let elements = json?.arrayValue else {
        self = .keep
        return
      }
      if elements.isEmpty || elements == [.object([:])] {
        self = .reset
        return
      }
      var entries: [ManagedFields.Owner: Entry] = [:]
      for element in elements {
        guard let (owner, entry) = Self.entry(element) else {
          self = .keep
          return
        }
        entries[owner] = entry
      }
      self = .replace(ManagedFields(entries: Array(entries.values)))
    }

    /// An entry that holds what entries hold, and nothing else.
    private static func entry(_ json: JSONValue) -> (ManagedFields.Owner, Entry)? {
      guard let operation = json["operation"]?.stringValue.flatMap(Entry.Operation.init),
        let apiVersion = json["apiVersion"]?.stringValue, !apiVersion.isEmpty, json["fieldsType"] == "FieldsV1",
        let time = Self.text(json["time"]), time.isEmpty || Timestamp(time) != nil,
        let manager = Self.text(json["manager"]), manager.utf8.count <= WriteOptions.maximumManagerBytes,
        let subresource = Self.text(json["subresource"]), subresource.utf8.count <= 256,
        json.depth <= BodyDecoding.maximumDepth,
        let fields = FieldSet(checking: json["fieldsV1"] ?? .object([:]))
      else { return nil }
      var owner = ManagedFields.Owner(
        manager: manager, operation: operation, subresource: subresource, apiVersion: apiVersion)
      let entry = Entry(owner, time: Timestamp(time)?.description ?? "", fields)
      if operation == .apply { owner.apiVersion = "" }
      return (owner, entry)
    }

    /// A text, empty if it is absent; nil if it is none.
    private static func text(_ json: JSONValue?) -> String? {
      switch json {
      case nil, .null: ""
      case .string(let text): text
      default: nil
      }
    }
  }
}
