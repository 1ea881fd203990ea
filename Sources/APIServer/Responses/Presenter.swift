import KubernetesModel

/// Turns stored objects into the form that a client asked for.
struct Presenter: Sendable {
  var resource: ServedResource
  var presentation: Presentation
  var now: Timestamp
  /// What table rows carry: `None`, `Metadata` or `Object`.
  var includedObject = "Metadata"

  /// One object as a whole answer.
  func bytes(_ stored: StoredObject) throws(StoreError) -> [UInt8] {
    if self.presentation == .object, self.canPassUnchanged(stored) { return stored.bytes }
    return self.json(try self.object(stored)).serialized()
  }

  /// One object as a whole answer.
  func json(_ object: APIObject, withColumns: Bool = true) -> JSONValue {
    switch self.presentation {
    case .object: return object.json
    case .metadata: return Self.partial(object)
    case .table:
      let columns = TableColumns(self.resource, now: self.now)
      var table = self.table(rows: [self.row(object, columns)], metadata: .object([:]))
      table["metadata"]?["resourceVersion"] = object.resourceVersion.map(JSONValue.string)
      if withColumns { table["columnDefinitions"] = columns.definitions }
      return table
    }
  }

  /// A list of objects.
  func list(_ objects: [StoredObject], metadata: JSONValue) throws(StoreError) -> [UInt8] {
    var metadata = metadata
    if self.presentation != .object, metadata["continue"] == "" { metadata["continue"] = nil }
    switch self.presentation {
    case .table:
      let columns = TableColumns(self.resource, now: self.now)
      var rows: [JSONValue] = []
      for stored in objects { rows.append(self.row(try self.object(stored), columns)) }
      var table = self.table(rows: rows, metadata: metadata)
      table["columnDefinitions"] = columns.definitions
      return table.serialized()
    case .metadata:
      var items: [JSONValue] = []
      for stored in objects { items.append(Self.partial(try self.object(stored))) }
      let list: JSONValue = [
        "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": metadata,
        "items": .array(items),
      ]
      return list.serialized()
    case .object:
      var bytes = Array("{\"apiVersion\":\"\(self.resource.apiVersion)\",\"items\":[".utf8)
      var isFirst = true
      for stored in objects {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(contentsOf: try self.itemBytes(stored))
      }
      bytes.append(
        contentsOf: "],\"kind\":\"\(self.resource.definition.names.listKind)\",\"metadata\":".utf8)
      metadata.serialize(into: &bytes)
      bytes.append(UInt8(ascii: "}"))
      return bytes
    }
  }

  /// An element of a list.
  ///
  /// The real server leaves version and kind out of the elements of built-in kinds.
  private func itemBytes(_ stored: StoredObject) throws(StoreError) -> [UInt8] {
    guard !self.resource.isCustom else { return try self.bytes(stored) }
    var object = try self.object(stored)
    object.json["apiVersion"] = nil
    object.json["kind"] = nil
    return object.json.serialized()
  }

  /// The object in the version that was asked for, with the defaults of a definition that is newer than it.
  func object(_ stored: StoredObject) throws(StoreError) -> APIObject {
    var object = self.resource.present(try stored.decoded())
    if self.resource.isCustom, stored.revision <= self.resource.definition.revision {
      self.resource.version.schema?.applyDefaults(to: &object.json)
    }
    return object
  }

  private func canPassUnchanged(_ stored: StoredObject) -> Bool {
    guard self.resource.definition.view == nil else { return false }
    return !self.resource.isCustom
      || (stored.revision > self.resource.definition.revision
        && self.resource.version.name == self.resource.definition.storageVersion.name)
  }

  private func table(rows: [JSONValue], metadata: JSONValue) -> JSONValue {
    [
      "apiVersion": "meta.k8s.io/v1", "kind": "Table", "metadata": metadata, "rows": .array(rows),
      "columnDefinitions": nil,
    ]
  }

  private func row(_ object: APIObject, _ columns: TableColumns) -> JSONValue {
    switch self.includedObject {
    case "None": columns.row(object, carrying: nil)
    case "Object": columns.row(object, carrying: object.json)
    default: columns.row(object, carrying: Self.partial(object))
    }
  }

  private static func partial(_ object: APIObject) -> JSONValue {
    ["apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object.metadata]
  }
}
