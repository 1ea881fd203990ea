import HTTPTransport
import HTTPTypes
import KubernetesModel

/// A request, taken apart as far as that is possible without knowing the resources.
struct APIRequest: Sendable {
  var method: HTTPRequest.Method
  var route: Route
  /// The path as it was sent, without the query.
  var rawPath: String
  var query: RequestQuery
  var fields: HTTPFields
  var body: [UInt8]

  /// Takes a request apart.
  init(_ request: TransportRequest) {
    let path = request.head.path ?? "/"
    let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = request.head.method
    self.route = Route(path: String(parts[0]))
    self.rawPath = String(parts[0])
    self.query = RequestQuery(parts.count > 1 ? parts[1] : "")
    self.fields = request.head.headerFields
    self.body = request.body
  }

  /// The body's media type without parameters, in lower case; nil if none is given.
  var contentType: String? {
    guard let value = self.fields[.contentType] else { return nil }
    let type = value.prefix { $0 != ";" }.lowercased()
    return type.split(separator: " ").joined()
  }

  /// The bearer token; nil if there is none.
  var bearerToken: Substring? {
    guard let value = self.fields[.authorization] else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return "" }
    return parts[1]
  }
}

/// The items of a query, decoded.
struct RequestQuery: Sendable {
  static let maximumItems = 100

  private var items: [String: [String]] = [:]
  /// Whether there were more items than were read.
  private(set) var isTooLong = false

  /// Reads `a=b&c=d`.
  init(_ text: Substring) {
    let items = text.split(separator: "&", maxSplits: Self.maximumItems)
    self.isTooLong = items.count > Self.maximumItems
    for item in items.prefix(Self.maximumItems) {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = Self.decoded(parts[0])
      self.items[name, default: []].append(parts.count > 1 ? Self.decoded(parts[1]) : "")
    }
  }

  /// The first value of an item; nil if it is absent or empty.
  subscript(name: String) -> String? {
    guard let value = self.items[name]?.first, !value.isEmpty else { return nil }
    return value
  }

  /// Every value of an item.
  func all(_ name: String) -> [String] { self.items[name] ?? [] }

  /// Whether an item is set to what counts as true.
  func flag(_ name: String) -> Bool? {
    guard let values = self.items[name], let value = values.first else { return nil }
    return !["false", "0", "f", "F", "FALSE", "False"].contains(value)
  }

  /// Undoes percent encoding; `+` is a space.
  ///
  /// What is not UTF-8 is replaced.
  static func decoded(_ text: Substring, plusIsSpace: Bool = true) -> String {
    var bytes: [UInt8] = []
    var source = Array(text.utf8)[...]
    while let byte = source.popFirst() {
      if byte == UInt8(ascii: "%"), source.count >= 2,
        let value = UInt8(String(decoding: source.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        source = source.dropFirst(2)
      } else if byte == UInt8(ascii: "+"), plusIsSpace {
        bytes.append(0x20)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
