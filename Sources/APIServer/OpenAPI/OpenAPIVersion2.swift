import KubernetesModel

/// Turns OpenAPI v3 documents into the one document of version 2, which has no alternatives and no null.
enum OpenAPIVersion2 {
  static func document(of documents: [JSONValue]) -> JSONValue {
    var paths: [String: JSONValue] = [:]
    var definitions: [String: JSONValue] = [:]
    for document in documents {
      for (path, operations) in document["paths"]?.objectValue ?? [:] {
        paths[path] = .object((operations.objectValue ?? [:]).mapValues(Self.operation))
      }
      for (name, schema) in document["components"]?["schemas"]?.objectValue ?? [:] {
        definitions[name] = Self.schema(schema)
      }
    }
    return [
      "swagger": "2.0", "info": OpenAPIDocuments.info, "paths": .object(paths), "definitions": .object(definitions),
    ]
  }

  private static func operation(_ operation: JSONValue) -> JSONValue {
    var parameters = (operation["parameters"]?.arrayValue ?? []).map { parameter -> JSONValue in
      var flat = parameter
      flat["schema"] = nil
      for (name, value) in parameter["schema"]?.objectValue ?? [:] { flat[name] = value }
      return flat
    }
    var flat = operation
    flat["requestBody"] = nil
    if let content = operation["requestBody"]?["content"]?.objectValue {
      flat["consumes"] = .array(content.keys.sorted().map(JSONValue.string))
      let schema = content["application/json"]?["schema"] ?? ["type": "object"]
      parameters.append(["name": "body", "in": "body", "required": true, "schema": Self.schema(schema)])
    }
    flat["parameters"] = .array(parameters)
    flat["produces"] = ["application/json"]
    flat["responses"] = .object(
      (operation["responses"]?.objectValue ?? [:]).mapValues { response in
        var flat: JSONValue = ["description": response["description"] ?? ""]
        flat["schema"] = response["content"]?["application/json"]?["schema"].map(Self.schema)
        return flat
      })
    return flat
  }

  private static let dropped: Set<String> = ["nullable", "anyOf", "oneOf", "not", "allOf", "$ref"]

  /// A schema of version 2 that takes all that the schema takes.
  static func schema(_ schema: JSONValue) -> JSONValue {
    guard let fields = schema.objectValue else { return schema }
    var flat = fields.filter { !Self.dropped.contains($0.key) }
    let reference = fields["$ref"] ?? fields["allOf"]?.arrayValue.flatMap { $0.count == 1 ? $0[0]["$ref"] : nil }
    if let name = reference?.stringValue?.split(separator: "/").last {
      flat["$ref"] = .string("#/definitions/\(name)")
      flat["default"] = nil
      return .object(flat)
    }
    // A value that may be null, or of two types, has no type in version 2.
    if fields["nullable"] == true || fields["x-kubernetes-int-or-string"] == true {
      for field in ["type", "properties", "items", "additionalProperties", "required"] { flat[field] = nil }
    }
    if let properties = flat["properties"]?.objectValue {
      flat["properties"] = .object(properties.mapValues(Self.schema))
    }
    for field in ["items", "additionalProperties"] { flat[field] = flat[field].map(Self.schema) }
    return .object(flat)
  }
}
