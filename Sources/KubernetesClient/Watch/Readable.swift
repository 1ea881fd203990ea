package import KubernetesModel

/// An object that a list or a watch has brought, or what is known of one that does not decode.
///
/// What an API server stores need not fit the model: other versions wrote it, or a schema let it pass. One such object
/// must not hide all the others.
package enum Readable<Resource: KubernetesResource>: Decodable, Sendable {
  /// It decodes.
  case object(Resource)
  /// It does not.
  case unreadable(UnreadableObject)

  /// Decodes an object.
  ///
  /// - Throws: The fault of one that does not even have a name.
  package init(from decoder: any Decoder) throws {
    do {
      self = .object(try Resource(from: decoder))
    } catch {
      // One without a name cannot be told of; the first fault says more than that.
      guard let object = try? UnreadableObject(from: decoder, fault: APIClient.describe(error)) else { throw error }
      self = .unreadable(object)
    }
  }
}

/// An object that does not decode.
package struct UnreadableObject: Sendable, Hashable {
  /// Its namespace and name.
  package var key: ObjectKey
  /// Its version, after which a watch goes on.
  package var resourceVersion: String?
  /// What is wrong with it.
  package var fault: String

  private struct Skeleton: Decodable {
    struct Metadata: Decodable { var namespace, name, resourceVersion: String? }
    var metadata: Metadata
  }

  fileprivate init?(from decoder: any Decoder, fault: String) throws {
    let metadata = try Skeleton(from: decoder).metadata
    guard let name = metadata.name else { return nil }
    self.key = ObjectKey(namespace: metadata.namespace, name: name)
    self.resourceVersion = metadata.resourceVersion
    self.fault = fault
  }
}
