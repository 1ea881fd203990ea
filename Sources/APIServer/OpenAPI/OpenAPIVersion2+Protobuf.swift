import KubernetesModel

extension OpenAPIVersion2 {
  static let protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

  /// A document in the form of gnostic's `openapi.v2.Document`, the only one that client-go reads.
  ///
  /// Holds the definitions and each operation's extensions; parameters and responses are left out.
  static func protobuf(_ document: JSONValue) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.text(1, document["swagger"])
    writer.message(2) { info in
      info.text(1, document["info"]?["title"])
      info.text(2, document["info"]?["version"])
    }
    writer.message(8) { paths in
      for (path, operations) in Self.sorted(document["paths"]) {
        paths.message(2) { item in
          item.text(1, .string(path))
          item.message(2) { Self.writeOperations(operations, to: &$0) }
        }
      }
    }
    writer.message(9) { definitions in
      for (name, schema) in Self.sorted(document["definitions"]) { Self.write(name, schema, 1, to: &definitions) }
    }
    return writer.bytes
  }

  private static func sorted(_ json: JSONValue?) -> [(key: String, value: JSONValue)] {
    (json?.objectValue ?? [:]).sorted { $0.key < $1.key }
  }

  /// Writes a `PathItem`.
  private static func writeOperations(_ operations: JSONValue, to item: inout ProtobufWriter) {
    for (number, name) in [(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")] {
      guard let operation = operations[name] else { continue }
      item.message(number) { message in
        for type in operation["produces"]?.arrayValue ?? [] { message.text(6, type) }
        for type in operation["consumes"]?.arrayValue ?? [] { message.text(7, type) }
        for parameter in operation["parameters"]?.arrayValue ?? [] {
          message.message(8) { item in item.message(1) { Self.writeParameter(parameter, to: &$0) } }
        }
        Self.writeExtensions(of: operation, 13, to: &message)
      }
    }
  }

  /// Writes a `Parameter`.
  private static func writeParameter(_ parameter: JSONValue, to writer: inout ProtobufWriter) {
    if parameter["in"] == "body" {
      writer.message(1) { body in
        body.text(2, parameter["name"])
        body.text(3, parameter["in"])
        body.flag(4, parameter["required"])
        if let schema = parameter["schema"] { body.message(5) { Self.write(schema, to: &$0) } }
      }
      return
    }
    writer.message(2) { other in
      let isInPath = parameter["in"] == "path"
      other.message(isInPath ? 4 : 3) { item in
        item.flag(1, parameter["required"])
        item.text(2, parameter["in"])
        item.text(4, parameter["name"])
        item.text(isInPath ? 5 : 6, parameter["type"])
        item.flag(isInPath ? 19 : 20, parameter["uniqueItems"])
      }
    }
  }

  /// Writes a `NamedSchema`.
  private static func write(_ name: String, _ schema: JSONValue, _ number: Int, to writer: inout ProtobufWriter) {
    writer.message(number) { named in
      named.text(1, .string(name))
      named.message(2) { Self.write(schema, to: &$0) }
    }
  }

  /// Writes a `Schema`.
  private static func write(_ schema: JSONValue, to writer: inout ProtobufWriter) {
    writer.text(1, schema["$ref"])
    writer.text(2, schema["format"])
    writer.text(3, schema["title"])
    writer.text(4, schema["description"])
    if let value = schema["default"] { Self.writeAny(value, 5, to: &writer) }
    writer.double(6, schema["multipleOf"])
    writer.double(7, schema["maximum"])
    writer.flag(8, schema["exclusiveMaximum"])
    writer.double(9, schema["minimum"])
    writer.flag(10, schema["exclusiveMinimum"])
    writer.integer(11, schema["maxLength"])
    writer.integer(12, schema["minLength"])
    writer.text(13, schema["pattern"])
    writer.integer(14, schema["maxItems"])
    writer.integer(15, schema["minItems"])
    writer.flag(16, schema["uniqueItems"])
    writer.integer(17, schema["maxProperties"])
    writer.integer(18, schema["minProperties"])
    for name in schema["required"]?.arrayValue ?? [] { writer.text(19, name) }
    for value in schema["enum"]?.arrayValue ?? [] { Self.writeAny(value, 20, to: &writer) }
    switch schema["additionalProperties"] {
    case .bool(let allowed)?: writer.message(21) { $0.flag(2, .bool(allowed)) }
    case let element?: writer.message(21) { item in item.message(1) { Self.write(element, to: &$0) } }
    case nil: ()
    }
    if let type = schema["type"] { writer.message(22) { $0.text(1, type) } }
    if let element = schema["items"] {
      writer.message(23) { item in item.message(1) { Self.write(element, to: &$0) } }
    }
    if schema["properties"] != nil {
      writer.message(25) { properties in
        for (name, property) in Self.sorted(schema["properties"]) { Self.write(name, property, 1, to: &properties) }
      }
    }
    Self.writeExtensions(of: schema, 31, to: &writer)
  }

  /// Writes every `x-` field as a `NamedAny`.
  private static func writeExtensions(of json: JSONValue, _ number: Int, to writer: inout ProtobufWriter) {
    for (name, value) in Self.sorted(json) where name.hasPrefix("x-") {
      writer.message(number) { named in
        named.text(1, .string(name))
        Self.writeAny(value, 2, to: &named)
      }
    }
  }

  /// Writes an `Any`, which holds YAML; JSON is YAML too.
  private static func writeAny(_ value: JSONValue, _ number: Int, to writer: inout ProtobufWriter) {
    writer.message(number) { $0.bytes(2, value.serialized()) }
  }
}
