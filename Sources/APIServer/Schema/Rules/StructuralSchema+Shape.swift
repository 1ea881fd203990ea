import CommonExpressionLanguage
import KubernetesModel

/// How a schema's values look to the expressions of its rules.
extension StructuralSchema {
  /// The largest request that a kube-apiserver takes, which bounds what a schema does not bound.
  static let maximumRequestBytes: UInt64 = 3 << 20
  private static let maximumNameLength = 253

  /// The shape of the schema's values.
  ///
  /// - Parameter isRoot: whether they are whole objects, whose names and kinds can be read whatever the schema says.
  func shape(name: String = "selfType", isRoot: Bool = false) -> JSONShape {
    if self.isIntOrString {
      let size = self.length.maximum.map { UInt64(max(0, $0)).saturatingMultiply(4) } ?? Self.maximumRequestBytes - 2
      return JSONShape(.intOrString, isNullable: self.isNullable, limits: .init(maximumSize: size, minimumBytes: 1))
    }
    switch self.type {
    case .array: return self.listShape(name)
    case .object: return self.objectShape(name, isRoot: isRoot || self.isEmbeddedResource)
    case .string: return self.textShape
    case .boolean: return JSONShape(.bool, isNullable: self.isNullable, limits: .init(minimumBytes: 4))
    case .integer: return JSONShape(.int, isNullable: self.isNullable, limits: .init(minimumBytes: 1))
    case .number: return JSONShape(.double, isNullable: self.isNullable, limits: .init(minimumBytes: 1))
    case nil: return JSONShape(.opaque)
    }
  }

  private func listShape(_ name: String) -> JSONShape {
    guard let items = self.items?.shape(name: "\(name).@idx"), !items.isOpaque else { return JSONShape(.opaque) }
    let identity: ListValue.Identity =
      switch self.listType {
      case .set: .value
      case .map: .keys(self.listMapKeys.map { FieldName.escaped($0) ?? $0 })
      case .atomic, nil: .position
      }
    let size =
      self.itemCount.maximum.map { UInt64(max(0, $0)) }
      ?? (Self.maximumRequestBytes - 2) / (items.limits.minimumBytes + 1)
    return JSONShape(
      .list(items, identity), name: name, isNullable: self.isNullable,
      limits: .init(maximumSize: size, minimumBytes: 2))
  }

  private func objectShape(_ name: String, isRoot: Bool) -> JSONShape {
    if case .schema(let schema) = self.additionalProperties, !isRoot {
      let values = schema.shape(name: "\(name).@elem")
      guard !values.isOpaque else { return JSONShape(.opaque) }
      let size =
        self.propertyCount.maximum.map { UInt64(max(0, $0)) }
        ?? (Self.maximumRequestBytes - 2) / (values.limits.minimumBytes + 6)
      return JSONShape(
        .map(values), name: name, isNullable: self.isNullable, limits: .init(maximumSize: size, minimumBytes: 2))
    }
    var fields: [String: JSONShape] = [:]
    var bytes: UInt64 = 2
    for (field, schema) in self.properties where !(isRoot && Self.resourceFields.contains(field)) {
      let shape = schema.shape(name: "\(name).\(field)")
      fields[field] = shape
      if self.required.contains(field), schema.defaultValue == nil, !shape.isOpaque {
        bytes += UInt64(field.utf8.count) + shape.limits.minimumBytes + 4
      }
    }
    if isRoot { fields.merge(Self.resourceShapes(name)) { first, _ in first } }
    return JSONShape(
      .object(fields), name: name, isNullable: self.isNullable, limits: .init(minimumBytes: bytes))
  }

  private static let resourceFields: Set<String> = ["apiVersion", "kind", "metadata"]

  /// What can be read of every whole object.
  private static func resourceShapes(_ name: String) -> [String: JSONShape] {
    let text = JSONShape(.string, limits: .init(maximumSize: Self.maximumRequestBytes - 2, minimumBytes: 2))
    let objectName = JSONShape(
      .string, limits: .init(maximumSize: UInt64(Self.maximumNameLength * 4), minimumBytes: 2))
    let metadata = JSONShape(
      .object(["name": objectName, "generateName": objectName]), name: "\(name).metadata",
      limits: .init(minimumBytes: 2))
    return ["apiVersion": text, "kind": text, "metadata": metadata]
  }

  private var textShape: JSONShape {
    func shape(_ kind: JSONShape.Kind, _ size: UInt64, _ bytes: UInt64) -> JSONShape {
      JSONShape(kind, isNullable: self.isNullable, limits: .init(maximumSize: size, minimumBytes: bytes))
    }
    let maximum = self.length.maximum.map { UInt64(max(0, $0)) }
    switch self.format {
    case "byte": return shape(.bytes, maximum ?? Self.maximumRequestBytes - 2, 2)
    case "duration": return shape(.duration, 32, 3)
    case "date": return shape(.date, 12, 12)
    case "date-time": return shape(.dateTime, 32, 21)
    default: break
    }
    // A character has four bytes at most.
    if let maximum { return shape(.string, maximum.saturatingMultiply(4), 2) }
    if let values = self.enumeration, !values.isEmpty {
      return shape(.string, UInt64(values.compactMap { $0.stringValue?.utf8.count }.max() ?? 0), 2)
    }
    return shape(.string, Self.maximumRequestBytes - 2, 2)
  }
}

extension JSONShape {
  /// Whether no expression can read the values.
  var isOpaque: Bool { if case .opaque = self.kind { true } else { false } }
}
