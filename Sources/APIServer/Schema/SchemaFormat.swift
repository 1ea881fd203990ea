import FoundationEssentials
import KubernetesModel

/// The formats of strings that are checked; a format that is not known checks nothing.
enum SchemaFormat {
  /// Whether a text has the format.
  static func accepts(_ text: String, format: String) -> Bool {
    switch format {
    case "date-time": Timestamp(text) != nil
    case "date": Timestamp("\(text)T00:00:00Z") != nil && text.utf8.count == 10
    case "duration": GoDuration(text) != nil
    case "uuid": UUID(uuidString: text) != nil
    case "byte": text.utf8.count.isMultiple(of: 4) && Data(base64Encoded: text) != nil
    case "ipv4": self.isIPv4(text)
    case "hostname": text.utf8.count <= 255 && LabelSyntax.fault(inSubdomain: text.lowercased()) == nil
    case "uri": text.contains(":") && !text.contains(where: \.isWhitespace)
    default: true
    }
  }

  private static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part == "0" || part.first != "0") && UInt8(part) != nil
      }
  }
}
