/// Which patch is to be loaded.
struct PatchOrder: Sendable, Hashable {
  var version: PatchVersion
  /// As it was written.
  var url: String
  var address: WebAddress
  /// The name of the file, one that cannot lead out of a folder.
  var fileName: String
  /// Lower case hexadecimal digits; nil if nobody has said.
  var sha256: String?

  /// Reads the fields of a request.
  ///
  /// - Throws: ``PatchOrderFault``.
  init(_ fields: [String: String]) throws(PatchOrderFault) {
    guard let version = PatchVersion(fields["version"] ?? "") else {
      throw PatchOrderFault("please provide a valid version", detail: "v and numbers with dots between them, as v1.2.3")
    }
    self.version = version
    self.url = fields["url"] ?? ""
    do throws(WebAddressFault) {
      self.address = try WebAddress(self.url)
      self.fileName = try Self.fileName(self.address)
    } catch {
      throw PatchOrderFault("please provide a valid URL", detail: "the URL \(error)")
    }
    if let digest = fields["sha256"], !digest.isEmpty {
      let isDigest = digest.utf8.count == 64 && digest.allSatisfy { $0.isASCII && $0.isHexDigit }
      guard isDigest else {
        throw PatchOrderFault("please provide a valid SHA-256", detail: "sha256 must be 64 hexadecimal digits")
      }
      self.sha256 = digest.lowercased()
    }
  }

  /// The last segment of the path, percent-decoded.
  private static func fileName(_ address: WebAddress) throws(WebAddressFault) -> String {
    let name = try address.segments().last ?? ""
    guard !name.isEmpty else { throw WebAddressFault("does not end in the name of a file") }
    guard name.utf8.count <= 255 else { throw WebAddressFault("ends in a name of more than 255 bytes") }
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      scalar != "/" && scalar != "\\" && scalar.properties.generalCategory != .control
    }
    guard isPlain else {
      throw WebAddressFault("ends in a name with a slash, a backslash or a control character in it")
    }
    guard !UpdateFolder.isTemporary(name) else { throw WebAddressFault("ends in a name that is reserved") }
    return name
  }
}

/// Why a request names no patch.
struct PatchOrderFault: Error, Sendable, Hashable {
  /// The text of the answer.
  var text: String
  /// What is wrong.
  var detail: String

  init(_ text: String, detail: String) {
    self.text = text
    self.detail = detail
  }
}
