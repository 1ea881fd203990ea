import COpenSSL
import Glibc

/// A name that a certificate stands for.
package enum AlternativeName: Sendable, Hashable, CustomStringConvertible {
  /// A host's name, perhaps with `*` for its first part.
  case dns(String)
  /// An IPv4 or IPv6 address as text.
  case address(String)

  /// A host: an address if it reads as one, else a name.
  package init(host: String) {
    self = Self.bytes(ofAddress: host) == nil ? .dns(host) : .address(host)
  }

  package var description: String {
    switch self {
    case .dns(let name): "DNS:\(name)"
    case .address(let address): "IP:\(address)"
    }
  }

  /// Adds the extension with `names` to a certificate.
  static func add(_ names: [AlternativeName], to certificate: OpaquePointer) throws(CryptographyError) {
    let list = try Owned(GENERAL_NAMES_new(), "no names") { GENERAL_NAMES_free($0) }
    for name in names {
      let element = try name.makeGeneralName()
      let pointer = element.pointer
      try ErrorQueue.check(OPENSSL_sk_push(list.pointer, pointer), "no names")
      _ = element.take()
    }
    try ErrorQueue.check(
      X509_add1_ext_i2d(certificate, NID_subject_alt_name, UnsafeMutableRawPointer(list.pointer), 0, 0),
      "the names cannot be added")
  }

  /// The names of a certificate that are of a kind we know.
  static func all(of certificate: OpaquePointer) -> [AlternativeName] {
    guard let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
    let names = OpaquePointer(list)
    defer { GENERAL_NAMES_free(names) }
    return (0..<OPENSSL_sk_num(names)).compactMap { index in
      guard let element = OPENSSL_sk_value(names, index) else { return nil }
      return AlternativeName(element.assumingMemoryBound(to: GENERAL_NAME.self))
    }
  }

  private init?(_ name: UnsafePointer<GENERAL_NAME>) {
    var type: Int32 = 0
    guard let value = GENERAL_NAME_get0_value(name, &type) else { return nil }
    guard type == GEN_DNS || type == GEN_IPADD else { return nil }
    let string = value.assumingMemoryBound(to: ASN1_STRING.self)
    let bytes = Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
    guard type == GEN_IPADD else {
      self = .dns(String(decoding: bytes, as: UTF8.self))
      return
    }
    guard let text = Self.text(ofAddress: bytes) else { return nil }
    self = .address(text)
  }

  private func makeGeneralName() throws(CryptographyError) -> Owned<UnsafeMutablePointer<GENERAL_NAME>> {
    let type: Int32
    let bytes: [UInt8]
    switch self {
    case .dns(let name):
      guard (1...253).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowedInNames) else {
        throw CryptographyError(.invalidArgument, "'\(name)' is not a host's name")
      }
      (type, bytes) = (GEN_DNS, Array(name.utf8))
    case .address(let address):
      guard let value = Self.bytes(ofAddress: address) else {
        throw CryptographyError(.invalidArgument, "'\(address)' is not an IP address")
      }
      (type, bytes) = (GEN_IPADD, value)
    }
    let name = try Owned(GENERAL_NAME_new(), "no name") { GENERAL_NAME_free($0) }
    let string = try Owned(
      type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new(), "no name"
    ) { ASN1_STRING_free($0) }
    try ErrorQueue.check(ASN1_STRING_set(string.pointer, bytes, Int32(bytes.count)), "no name")
    GENERAL_NAME_set0_value(name.pointer, type, string.take())
    return name
  }

  private static func isAllowedInNames(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "*"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func bytes(ofAddress text: String) -> [UInt8]? {
    var four = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, text, &four) == 1 { return four }
    var sixteen = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET6, text, &sixteen) == 1 ? sixteen : nil
  }

  private static func text(ofAddress bytes: [UInt8]) -> String? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard let text = inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count)) else {
      return nil
    }
    return String(cString: text)
  }
}
