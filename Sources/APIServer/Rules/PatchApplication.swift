import KubernetesModel

/// A patch of a known type.
enum PatchApplication: Sendable {
  case json(JSONPatch)
  case merge(JSONValue)
  case strategic(JSONValue)
  /// One that no object can take.
  case unusable

  static let jsonType = "application/json-patch+json"
  static let mergeType = "application/merge-patch+json"
  static let strategicType = "application/strategic-merge-patch+json"
  static let applyType = "application/apply-patch+yaml"

  /// The types that a resource takes.
  static func acceptedTypes(isCustom: Bool) -> [String] {
    isCustom
      ? [Self.jsonType, Self.mergeType, Self.applyType]
      : [Self.jsonType, Self.mergeType, Self.strategicType, Self.applyType]
  }

  /// Reads a patch.
  init(type: String, body: [UInt8]) throws(APIFailure) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: body)
    } catch {
      throw .badRequest("error decoding patch: \(error)")
    }
    switch type {
    case Self.jsonType:
      do {
        self = .json(try JSONPatch(json))
      } catch {
        guard error.code != .tooLarge else { throw APIFailure(413, "RequestEntityTooLarge", error.message) }
        // Only the list is read beforehand; what its operations are shows when they are carried out.
        guard let operations = json.arrayValue, operations.allSatisfy({ $0.objectValue != nil }) else {
          throw .badRequest("error decoding patch: \(error)")
        }
        self = .unusable
      }
    case Self.strategicType:
      guard json.objectValue != nil else { throw .badRequest("a strategic merge patch is an object") }
      self = .strategic(json)
    default:
      guard json.objectValue != nil else { throw .badRequest("a merge patch is an object") }
      self = .merge(json)
    }
  }

  /// The object with the patch applied.
  func apply(to object: JSONValue) throws(APIFailure) -> JSONValue {
    switch self {
    case .merge(let patch): return object.applying(mergePatch: patch)
    case .strategic(let patch): return try StrategicMerge.apply(patch, to: object)
    case .unusable: throw .unprocessable
    case .json(let patch):
      do {
        return try object.applying(patch)
      } catch {
        throw .unprocessable
      }
    }
  }
}
