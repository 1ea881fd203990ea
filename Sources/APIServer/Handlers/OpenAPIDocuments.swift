import KubernetesModel

/// The OpenAPI v3 documents: what kubectl asks before it sends objects, and what it explains kinds from.
struct OpenAPIDocuments: Sendable {
  let snapshot: ResourceRegistry.Snapshot

  /// Where each group's version is described.
  var index: JSONValue {
    var paths: [String: JSONValue] = [:]
    for (group, version) in self.groupVersions {
      let path = Self.prefix(group, version)
      // Changes whenever a definition does, so that clients that cache read it again.
      let revision = self.snapshot.resources(group: group, version: version).map(\.definition.revision).max() ?? 0
      paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(revision)")]
    }
    return ["paths": .object(paths)]
  }

  /// The document of one version of a group; nil if it is not served.
  func document(group: String, version: String) -> JSONValue? {
    let resources = self.snapshot.resources(group: group, version: version)
    guard !resources.isEmpty else { return nil }
    var paths: [String: JSONValue] = [:]
    var schemas: [String: JSONValue] = [:]
    for resource in resources {
      let scope = resource.definition.isNamespaced ? "/namespaces/{namespace}" : ""
      let collection = "/\(Self.prefix(group, version))\(scope)/\(resource.definition.names.plural)"
      paths[collection] = [
        "get": Self.operation(resource, "list", [], namesObject: false),
        "post": Self.operation(resource, "post", Self.writeParameters, namesObject: false),
      ]
      paths["\(collection)/{name}"] = [
        "get": Self.operation(resource, "get", [], namesObject: true),
        "put": Self.operation(resource, "put", Self.writeParameters, namesObject: true),
        "patch": Self.operation(resource, "patch", Self.writeParameters + ["force"], namesObject: true),
        "delete": Self.operation(
          resource, "delete", ["dryRun", "gracePeriodSeconds", "propagationPolicy"], namesObject: true),
      ]
      schemas[Self.schemaName(resource)] = Self.schema(resource)
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.0-umpire"], "paths": .object(paths),
      "components": ["schemas": .object(schemas)],
    ]
  }

  private static let writeParameters = ["dryRun", "fieldManager", "fieldValidation"]

  private var groupVersions: [(group: String, version: String)] {
    [("", "v1")] + self.snapshot.groups.flatMap { group in group.versions.map { (group.name, $0) } }
  }

  private static func prefix(_ group: String, _ version: String) -> String {
    group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
  }

  private static func kind(_ resource: ServedResource) -> JSONValue {
    ["group": .string(resource.group), "version": .string(resource.version.name), "kind": .string(resource.kind)]
  }

  /// The name of a resource's schema, such as `com.example.stable.v1.Widget`.
  private static func schemaName(_ resource: ServedResource) -> String {
    let group = resource.group.isEmpty ? "core" : resource.group.split(separator: ".").reversed().joined(separator: ".")
    let prefix = resource.isCustom ? group : "io.k8s.api.\(resource.group.split(separator: ".").first ?? "core")"
    return "\(prefix).\(resource.version.name).\(resource.kind)"
  }

  private static func schema(_ resource: ServedResource) -> JSONValue {
    var schema = resource.version.schemaSource ?? ["type": "object"]
    var properties = schema["properties"] ?? .object([:])
    properties["apiVersion"] = ["type": "string"]
    properties["kind"] = ["type": "string"]
    properties["metadata"] = ["type": "object"]
    schema["properties"] = properties
    schema["x-kubernetes-group-version-kind"] = [Self.kind(resource)]
    return schema
  }

  private static func operation(
    _ resource: ServedResource, _ action: String, _ parameters: [String], namesObject: Bool
  ) -> JSONValue {
    let query = parameters.map { name -> JSONValue in
      ["name": .string(name), "in": "query", "schema": ["type": "string", "uniqueItems": true]]
    }
    let inPath = (resource.definition.isNamespaced ? ["namespace"] : []) + (namesObject ? ["name"] : [])
    let path = inPath.map { name -> JSONValue in
      ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string", "uniqueItems": true]]
    }
    let reference = "#/components/schemas/\(Self.schemaName(resource))"
    let content: JSONValue = ["application/json": ["schema": ["$ref": .string(reference)]]]
    var operation: JSONValue = [
      "parameters": .array(path + query), "responses": ["200": ["description": "OK", "content": content]],
      "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": Self.kind(resource),
    ]
    if action == "post" || action == "put" { operation["requestBody"] = ["content": content, "required": true] }
    if action == "patch" {
      // A strategic merge patch that a client works out from a schema needs all of it, which the built-in kinds' do not
      // give; kubectl then goes by its own.
      let types = PatchApplication.acceptedTypes(isCustom: true)
      let patches = types.map { ($0, JSONValue.object(["schema": ["type": "object"]])) }
      operation["requestBody"] = [
        "content": .object(Dictionary(uniqueKeysWithValues: patches)), "required": true,
      ]
    }
    return operation
  }
}
