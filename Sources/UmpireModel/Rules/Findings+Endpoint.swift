import KubernetesModel

extension Findings {
  /// A Secret's or a WebhookConfiguration's key, a timeout and the like have the same bounds wherever they stand.
  static let timeouts: ClosedRange<Int64> = 1...30
  static let thresholds: ClosedRange<Int64> = 1...1000

  mutating func checkURL(_ url: String, at path: FieldPath) {
    self.check(path, url, atMost: 2048)
    guard let fault = EndpointSyntax.fault(inURL: url) else { return }
    self.refuse(path, .string(EndpointSyntax.shown(url)), fault)
  }

  mutating func checkPath(_ text: String, at path: FieldPath) {
    self.check(path, text, atMost: 1024)
    guard let fault = EndpointSyntax.fault(inPath: text) else { return }
    self.refuse(path, .string(EndpointSyntax.shown(text)), fault)
  }

  mutating func check(_ service: ServiceReference, at path: FieldPath) {
    self.check(path["name"], service.name) { LabelSyntax.fault(inLabel: $0) }
    if let namespace = service.namespace {
      self.check(path["namespace"], namespace) { LabelSyntax.fault(inLabel: $0) }
    }
    if let servicePath = service.path { self.checkPath(servicePath, at: path["path"]) }
    if let port = service.port { self.check(path["port"], port, in: 1...65_535) }
  }

  /// - Parameter url: where the bundle is for, if that is a URL.
  mutating func checkBundle(_ bundle: String, url: String?, at path: FieldPath) {
    if bundle.utf8.count > CertificateText.longestBundle {
      self.error(.tooLong(path.description, CertificateText.longestBundle))
    } else if let fault = CertificateText.fault(inBundle: bundle) {
      // What it holds is never shown: somebody may have put a key there.
      self.refuse(path, .string("\(bundle.utf8.count) bytes"), fault)
    } else if let url, url.hasPrefix("http://") {
      self.warning(
        .invalid(path.description, .string("\(bundle.utf8.count) bytes"), "it is not used, as the url is not https"))
    }
  }
}

/// What URLs and paths of endpoints may be.
enum EndpointSyntax {
  /// What is wrong with a URL; nil if nothing is.
  static func fault(inURL url: String) -> String? {
    guard let scheme = ["https://", "http://"].first(where: url.hasPrefix) else {
      return "must begin with http:// or https://"
    }
    guard self.isVisible(url) else { return "must have only visible ASCII characters" }
    guard !url.contains("#") else { return "must have no fragment" }
    let rest = url.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@") else { return "must hold neither a user name nor a password" }
    let host: Substring
    let port: Substring
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return "must have a ] after the address" }
      host = authority[...end]
      port = authority[authority.index(after: end)...]
    } else {
      host = authority.prefix { $0 != ":" }
      port = authority[host.endIndex...]
    }
    guard !host.isEmpty else { return "must name a host" }
    guard port.isEmpty || self.isPort(port) else { return "must have a port from 1 to 65535, or none" }
    return nil
  }

  private static func isPort(_ text: Substring) -> Bool {
    let digits = text.dropFirst()
    guard text.first == ":", (1...5).contains(digits.count), let port = UInt16(digits) else { return false }
    return port > 0 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// What is wrong with a path, with or without its first slash; nil if nothing is.
  static func fault(inPath path: String) -> String? {
    self.isVisible(path) && !path.contains("#") ? nil : "must have only visible ASCII characters, and no #"
  }

  private static func isVisible(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

  /// A URL without its query and without what stands before a host: both may hold secrets.
  static func shown(_ url: String) -> String {
    let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
    let rest = url[start...].prefix { $0 != "?" && $0 != "#" }
    guard let at = rest.lastIndex(of: "@") else { return url[..<start] + String(rest) }
    return url[..<start] + "[hidden]" + rest[at...]
  }
}
