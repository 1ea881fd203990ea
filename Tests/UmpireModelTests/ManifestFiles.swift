import FoundationEssentials
import KubernetesModel
import Testing
import Yams

/// The project's own YAML files.
enum ManifestFiles {
  private static let folder = "\(#filePath)".split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/manifests"

  /// Every document in a folder below `manifests`, with the file that it stands in.
  static func documents(in name: String) throws -> [(file: String, json: JSONValue)] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(self.folder)/\(name)")
    return try names.filter { $0.hasSuffix(".yaml") }.sorted().flatMap { file in
      let data = try #require(FileManager.default.contents(atPath: "\(self.folder)/\(name)/\(file)"))
      return try compose_all(yaml: String(decoding: data, as: UTF8.self)).map { (file, Self.json($0)) }
    }
  }

  /// The custom resource definition of a kind.
  static func definition(of kind: String) throws -> JSONValue {
    let definitions = try self.documents(in: "crds").map(\.json)
    return try #require(definitions.first { $0["spec"]?["names"]?["kind"] == .string(kind) })
  }

  /// The schema of a kind's one version.
  static func schema(of kind: String) throws -> JSONValue {
    try #require(try self.definition(of: kind)["spec"]?["versions"]?[0]?["schema"]?["openAPIV3Schema"])
  }

  private static func json(_ node: Yams.Node) -> JSONValue {
    switch node {
    case .mapping(let mapping):
      var fields: [String: JSONValue] = [:]
      for (key, value) in mapping { fields[key.string ?? ""] = self.json(value) }
      return .object(fields)
    case .sequence(let sequence): return .array(sequence.map(self.json))
    case .scalar(let scalar):
      // Only plain scalars are anything but strings.
      guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
      if node.null != nil { return .null }
      if let bool = node.bool { return .bool(bool) }
      if let integer = node.int { return .integer(Int64(integer)) }
      if let double = node.float { return .double(double) }
      return .string(scalar.string)
    case .alias: return .null
    }
  }
}

extension JSONValue {
  /// The value at a path of field names.
  func at(_ path: String...) -> JSONValue? {
    path.reduce(Optional(self)) { $0?[$1] }
  }
}
