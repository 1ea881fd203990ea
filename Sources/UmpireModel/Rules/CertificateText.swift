import FoundationEssentials

/// The form of a caBundle.
///
/// Whether its certificates are valid now is told in a status, as it changes by itself.
enum CertificateText {
  /// Bytes of base64.
  static let longestBundle = 1 << 20

  private static let begin = "-----BEGIN "
  private static let dashes = "-----"

  /// What is wrong with a bundle, in base64; nil if nothing is.
  static func fault(inBundle bundle: String) -> String? {
    guard !bundle.isEmpty else { return "must hold PEM certificates in base64" }
    let lines = bundle.filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" }
    guard let data = Data(base64Encoded: lines) else { return "must be base64" }
    guard let text = String(bytes: data, encoding: .utf8) else { return "must be the base64 form of a PEM text" }
    return Self.fault(inPEM: text)
  }

  private static func fault(inPEM text: String) -> String? {
    var certificates = 0
    var label: String?
    var body = ""
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix(Self.begin) {
        guard label == nil else { return "a PEM block begins within another" }
        let name = String(line.dropFirst(Self.begin.count).prefix { $0 != "-" })
        // A key has no business in an object that everybody can read.
        if name.hasSuffix("PRIVATE KEY") { return "holds a private key" }
        label = name
        body = ""
      } else if let name = label, line.hasPrefix("-----END ") {
        guard line.hasPrefix("-----END \(name)\(Self.dashes)") else { return "a PEM block has another end" }
        label = nil
        guard name.hasSuffix("CERTIFICATE") else { continue }
        certificates += 1
        guard Self.isCertificate(body) else { return "certificate \(certificates) is damaged" }
      } else if label != nil {
        body += line.filter { !$0.isWhitespace }
      }
    }
    if label != nil { return "the last PEM block has no end" }
    return certificates == 0 ? "holds no PEM certificate" : nil
  }

  /// Whether a block's text is base64 of a sequence of ASN.1, as every certificate is, and of no more than that.
  private static func isCertificate(_ body: String) -> Bool {
    guard let data = Data(base64Encoded: body), data.count > 4, data[data.startIndex] == 0x30 else { return false }
    let bytes = Array(data)
    guard bytes[1] >= 0x80 else { return bytes.count == 2 + Int(bytes[1]) }
    let count = Int(bytes[1] & 0x7F)
    guard (1...3).contains(count), bytes.count > 2 + count else { return false }
    let length = bytes[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
    return bytes.count == 2 + count + length
  }
}
