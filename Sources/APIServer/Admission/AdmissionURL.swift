/// A URL taken apart, as far as webhooks need it: `https://host:port/path`.
struct AdmissionURL: Sendable, Hashable {
  /// In lower case; empty if there is none.
  var scheme: String
  /// `host` or `host:port`, without a user.
  var authority: String
  /// Starts with `/`.
  var path: String
  var hasUser: Bool
  var hasQuery: Bool
  var hasFragment: Bool

  init(_ text: String) {
    var rest = Substring(text)
    if let separator = rest.firstRange(of: "://") {
      self.scheme = rest[..<separator.lowerBound].lowercased()
      rest = rest[separator.upperBound...]
    } else {
      self.scheme = ""
      rest = ""
    }
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let parts = rest[..<end].split(separator: "@", omittingEmptySubsequences: false)
    self.authority = String(parts.last ?? "")
    self.hasUser = parts.count > 1
    let tail = rest[end...]
    self.hasQuery = tail.contains("?")
    self.hasFragment = tail.contains("#")
    let path = tail.prefix { $0 != "?" && $0 != "#" }
    self.path = path.isEmpty ? "/" : String(path)
  }
}
