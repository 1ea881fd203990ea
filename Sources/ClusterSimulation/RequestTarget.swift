import HTTPTransport
import HTTPTypes
import KubernetesModel

/// What a request to the API server is about.
struct RequestTarget {
  var namespace: String
  /// The kind's plural name.
  var resource: String
  /// Nil for a request to the whole collection, such as a creation.
  var name: String?
  var subresource: String?
  /// The path of the collection.
  private var collection: String

  /// Reads a path with a namespace; nil for any other.
  init?(_ request: TransportRequest) {
    guard let path = request.head.path else { return nil }
    let parts = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
    guard let index = parts.firstIndex(of: "namespaces"), parts.count > index + 2 else { return nil }
    self.namespace = parts[index + 1]
    self.resource = parts[index + 2]
    self.name = parts.count > index + 3 ? parts[index + 3] : nil
    self.subresource = parts.count > index + 4 ? parts[index + 4] : nil
    self.collection = "/" + parts[...(index + 2)].joined(separator: "/")
  }

  /// The object of a name, or of the name that the path has.
  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: self.namespace, name: name) }

  /// The path of an object of the collection.
  func path(_ name: String) -> String { "\(self.collection)/\(name)" }
}
