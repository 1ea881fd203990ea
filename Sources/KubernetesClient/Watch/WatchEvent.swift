package import KubernetesModel

/// One frame of a watch.
package enum WatchEvent<Resource: KubernetesResource>: Sendable {
  /// The object was created, or came to match the selector.
  case added(Resource)
  /// The object changed.
  case modified(Resource)
  /// The object is gone, or no longer matches; its last state.
  case deleted(Resource)
  /// The object was created, changed or deleted, and its state does not decode.
  case unreadable(UnreadableObject, isDeleted: Bool)
  /// Nothing happened up to this version.
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  /// The watch ended with this failure.
  case error(Status)
}

extension WatchEvent {
  /// The version up to which the watcher now knows everything; nil for a failure.
  package var resourceVersion: String? {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): object.metadata.resourceVersion
    case .unreadable(let object, _): object.resourceVersion
    case .bookmark(let version, _): version
    case .error: nil
    }
  }
}

extension WatchEvent: Decodable {
  private enum CodingKeys: String, CodingKey { case type, object }

  private struct Bookmark: Decodable { var metadata: ObjectMeta }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let type = try container.decode(String.self, forKey: .type)
    switch type {
    case "ADDED", "MODIFIED", "DELETED":
      switch try container.decode(Readable<Resource>.self, forKey: .object) {
      case .unreadable(let object): self = .unreadable(object, isDeleted: type == "DELETED")
      case .object(let object) where type == "ADDED": self = .added(object)
      case .object(let object) where type == "MODIFIED": self = .modified(object)
      case .object(let object): self = .deleted(object)
      }
    case "BOOKMARK":
      let metadata = try container.decode(Bookmark.self, forKey: .object).metadata
      self = .bookmark(
        resourceVersion: metadata.resourceVersion ?? "",
        endsInitialEvents: metadata.annotation("k8s.io/initial-events-end") == "true")
    case "ERROR": self = .error(try container.decode(Status.self, forKey: .object))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .type, in: container, debugDescription: "'\(type)' is no type of watch event")
    }
  }
}
