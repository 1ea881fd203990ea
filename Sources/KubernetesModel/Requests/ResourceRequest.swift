public import HTTPTypes

/// A request to a Kubernetes API server as a value: method, path, query, media types and body.
///
/// Builds no connection and reads nothing, so that every URI can be tested.
public struct ResourceRequest: Sendable, Hashable {
  /// The HTTP method.
  public var method: HTTPRequest.Method
  /// The path, percent-encoded.
  public var path: String
  /// The query's items in order, not yet encoded.
  public var query: [QueryItem]
  /// The body; empty for none.
  public var body: [UInt8]
  /// The body's media type.
  public var contentType: String?

  /// One item of a query.
  public struct QueryItem: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// Creates an item.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  init(_ method: HTTPRequest.Method, _ path: String, body: [UInt8] = [], contentType: String? = nil) {
    self.method = method
    self.path = path
    self.query = []
    self.body = body
    self.contentType = contentType
  }

  /// The path and the query, as they stand in the request line.
  public var target: String {
    guard !self.query.isEmpty else { return self.path }
    let items = self.query.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }
    return self.path + "?" + items.joined(separator: "&")
  }

  mutating func add(_ name: String, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    self.query.append(QueryItem(name: name, value: value))
  }

  /// Percent-encodes everything that is not unreserved (RFC 3986, section 2.3).
  public static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return encoded
  }
}

/// A part of an object with rules of its own.
public enum Subresource: String, Sendable, Hashable {
  /// What is observed.
  case status
  /// The number of replicas.
  case scale
  /// The node of a Pod.
  case binding
  /// The wish to have a Pod leave its node.
  case eviction
  /// A Pod's log.
  case log
  /// A token of a service account.
  case token
}

/// The media type of a patch.
public enum PatchKind: String, Sendable, Hashable {
  /// RFC 7396.
  case merge = "application/merge-patch+json"
  /// RFC 6902.
  case json = "application/json-patch+json"
  /// Kubernetes' own, for built-in kinds.
  case strategicMerge = "application/strategic-merge-patch+json"
  /// Server-side apply.
  case apply = "application/apply-patch+yaml"
}

/// What happens to an object's children when it goes.
public enum PropagationPolicy: String, Sendable, Hashable, Codable {
  /// The object goes at once, its children after it.
  case background = "Background"
  /// The children go first.
  case foreground = "Foreground"
  /// The children stay.
  case orphan = "Orphan"
}

/// Narrows a list or a watch.
public struct ListOptions: Sendable, Hashable {
  /// For example `app=game,tier!=test`.
  public var labelSelector: String?
  /// For example `metadata.name=one`.
  public var fieldSelector: String?
  /// The size of a page.
  public var limit: Int?
  /// Opens the next page.
  public var `continue`: String?
  /// The version to read at, or after.
  public var resourceVersion: String?

  /// Creates options.
  public init(
    labelSelector: String? = nil, fieldSelector: String? = nil, limit: Int? = nil, continue: String? = nil,
    resourceVersion: String? = nil
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.limit = limit
    self.continue = `continue`
    self.resourceVersion = resourceVersion
  }
}
