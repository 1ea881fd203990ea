import KubernetesModel

/// The operations on one resource, as an OpenAPI v3 document lists them.
struct OpenAPIPaths {
  private let resource: ServedResource

  init(_ resource: ServedResource) { self.resource = resource }

  /// Adds the resource's paths.
  func add(to paths: inout [String: JSONValue]) {
    let group = GroupVersion(group: self.resource.group, version: self.resource.version.name)
    let scope = self.resource.definition.isNamespaced ? "/namespaces/{namespace}" : ""
    let collection = "/\(group.path)\(scope)/\(self.resource.definition.names.plural)"
    let write = ["dryRun", "fieldManager", "fieldValidation"]
    guard !self.resource.definition.traits.contains(.review) else {
      paths[collection] = ["post": self.operation("post", write)]
      return
    }
    paths[collection] = [
      "get": self.operation("list", ["labelSelector", "fieldSelector", "limit", "continue", "watch"]),
      "post": self.operation("post", write),
    ]
    paths["\(collection)/{name}"] = [
      "get": self.operation("get", [], namesObject: true),
      "put": self.operation("put", write, namesObject: true),
      "patch": self.operation("patch", write + ["force"], namesObject: true),
      "delete": self.operation(
        "delete", ["dryRun", "gracePeriodSeconds", "propagationPolicy"], namesObject: true),
    ]
  }

  private func operation(_ action: String, _ parameters: [String], namesObject: Bool = false) -> JSONValue {
    let query = parameters.map { name -> JSONValue in
      ["name": .string(name), "in": "query", "schema": ["type": "string", "uniqueItems": true]]
    }
    let inPath = (self.resource.definition.isNamespaced ? ["namespace"] : []) + (namesObject ? ["name"] : [])
    let path = inPath.map { name -> JSONValue in
      ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string", "uniqueItems": true]]
    }
    let reference = "#/components/schemas/\(self.resource.schemaName)"
    let content: JSONValue = ["application/json": ["schema": ["$ref": .string(reference)]]]
    var operation: JSONValue = [
      "parameters": .array(path + query), "responses": ["200": ["description": "OK", "content": content]],
      "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": self.resource.kindReference,
    ]
    switch action {
    case "post", "put": operation["requestBody"] = ["content": content, "required": true]
    case "patch":
      // A strategic merge patch that a client works out from a schema needs every field of it, which the built-in
      // kinds' do not give; kubectl then goes by its own.
      let patches = PatchApplication.acceptedTypes(isCustom: true)
        .map { ($0, JSONValue.object(["schema": ["type": "object"]])) }
      operation["requestBody"] = ["content": .object(Dictionary(uniqueKeysWithValues: patches)), "required": true]
    default: ()
    }
    return operation
  }
}
