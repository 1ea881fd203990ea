import FoundationEssentials
import KubernetesClient
package import KubernetesModel

/// A kind of object of whose keys containers are given files and variables.
package enum ContentKind: String, Sendable, Hashable {
  /// Texts in `data`, bytes in `binaryData`.
  case configMap = "configmap"
  /// Bytes in `data`.
  case secret

  /// Where such objects are in the API server.
  package var resourceType: ResourceType {
    switch self {
    case .configMap: ConfigMap.resourceType
    case .secret: Secret.resourceType
    }
  }

  /// The value has a form that the API server would not have stored.
  struct NotBase64: Error {}

  /// What an object holds under a key; nil if there is no such key.
  ///
  /// - Throws: ``NotBase64`` for bytes that cannot be read.
  func bytes(of key: String, in object: JSONValue) throws(NotBase64) -> [UInt8]? {
    if self == .configMap, let text = object["data"]?[key]?.stringValue { return Array(text.utf8) }
    guard let text = object[self == .secret ? "data" : "binaryData"]?[key]?.stringValue else { return nil }
    guard let data = Data(base64Encoded: text) else { throw NotBase64() }
    return Array(data)
  }
}

extension APIClient {
  /// An object of which a container is given something; nil if there is none.
  ///
  /// - Throws: `APIError` if it cannot be read.
  func content(_ kind: ContentKind, _ key: ObjectKey) async throws -> JSONValue? {
    do {
      return try await self.send(.get(kind.resourceType, key), as: JSONValue.self)
    } catch let error as APIError where error.isNotFound {
      return nil
    }
  }
}
