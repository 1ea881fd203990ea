import KubernetesModel

/// Makes the OpenAPI documents: what kubectl asks before it sends objects, and what it explains kinds from.
struct OpenAPIDocuments: Sendable {
  let snapshot: ResourceRegistry.Snapshot

  /// Every version of every group.
  var groupVersions: [GroupVersion] {
    [GroupVersion(group: "", version: "v1")]
      + self.snapshot.groups.flatMap { group in
        group.versions.map { GroupVersion(group: group.name, version: $0) }
      }
  }

  /// The OpenAPI v3 document of one version of a group; nil if it is not served.
  func document(_ groupVersion: GroupVersion) -> JSONValue? {
    let resources = self.snapshot.resources(group: groupVersion.group, version: groupVersion.version)
    guard !resources.isEmpty else { return nil }
    var paths: [String: JSONValue] = [:]
    for resource in resources { OpenAPIPaths(resource).add(to: &paths) }
    return [
      "openapi": "3.0.0", "info": Self.info, "paths": .object(paths),
      "components": ["schemas": .object(Self.schemas(of: resources))],
    ]
  }

  static let info: JSONValue = ["title": "Kubernetes", "version": "v1.36.0-umpire"]

  /// The schemas of resources, and of all types that these refer to.
  private static func schemas(of resources: [ServedResource]) -> [String: JSONValue] {
    var schemas: [String: JSONValue] = [:]
    var names = ["ObjectMeta"]
    for resource in resources {
      if resource.isCustom {
        schemas[resource.schemaName] = Self.customSchema(resource)
      } else {
        names.append(resource.documentedName)
      }
    }
    for type in DocumentedTypes.closure(of: names) {
      schemas[type.schemaName] = type.schema(Self.reference)
    }
    for resource in resources {
      schemas[resource.schemaName]?["x-kubernetes-group-version-kind"] = [resource.kindReference]
    }
    return schemas
  }

  private static func reference(_ name: String) -> JSONValue {
    ["$ref": .string("#/components/schemas/\(DocumentedTypes.byName[name]?.schemaName ?? name)")]
  }

  /// A definition's schema, with the fields that every object has.
  private static func customSchema(_ resource: ServedResource) -> JSONValue {
    var schema = resource.version.schemaSource ?? ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
    var properties = schema["properties"] ?? .object([:])
    for field in DocumentedTypes.objectFields {
      properties[field.name] = ["type": "string", "description": .string(field.description)]
      if case .type(let name) = field.form {
        properties[field.name] = ["allOf": [Self.reference(name)], "description": .string(field.description)]
      }
    }
    schema["properties"] = properties
    return schema
  }
}

/// A version of a group, such as `apps/v1`; the core group's name is empty.
struct GroupVersion: Sendable, Hashable {
  var group: String
  var version: String

  /// The path of its resources, without a slash in front.
  var path: String { self.group.isEmpty ? "api/\(self.version)" : "apis/\(self.group)/\(self.version)" }
}

extension ServedResource {
  /// The name of the resource's schema, such as `com.example.stable.v1.Widget`.
  var schemaName: String {
    if !self.isCustom, let type = DocumentedTypes.byName[self.documentedName] { return type.schemaName }
    let group = self.group.split(separator: ".").reversed().joined(separator: ".")
    return "\(group).\(self.version.name).\(self.kind)"
  }

  /// The name of the type that describes the kind.
  var documentedName: String { self.definition.view == nil ? self.kind : "\(self.kind).\(self.group)" }

  /// Group, version and kind, as documents tell whom a schema or an operation is about.
  var kindReference: JSONValue {
    ["group": .string(self.group), "version": .string(self.version.name), "kind": .string(self.kind)]
  }
}
