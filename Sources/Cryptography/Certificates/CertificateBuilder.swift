import COpenSSL
import FoundationEssentials

/// Everything that goes into a certificate before it is signed.
struct CertificateBuilder {
  /// One extension in the words of the library's configuration files.
  ///
  /// Never made from what comes from outside.
  struct Extension {
    var identifier: Int32
    var value: String
  }

  var subject: String
  var validity: ClosedRange<Date>
  var extensions: [Extension]
  var names: [AlternativeName] = []

  init(subject: String, validity: ClosedRange<Date>, extensions: [Extension]) {
    self.subject = subject
    self.validity = validity
    self.extensions = extensions
  }

  /// Makes the certificate.
  ///
  /// - Parameter issuer: nil if it signs itself.
  /// - Throws: ``CryptographyError``.
  func sign(
    subjectKey: PrivateKey, issuer: Certificate?, issuerKey: PrivateKey
  ) throws(CryptographyError) -> Certificate {
    let certificate = try Owned(X509_new(), "no certificate") { X509_free($0) }
    let pointer = certificate.pointer
    try ErrorQueue.check(X509_set_version(pointer, 2), "no certificate")  // 2 stands for version 3.
    try Self.setSerialNumber(of: pointer)
    try Self.set(self.validity.lowerBound, "notBefore") { X509_set1_notBefore(pointer, $0) }
    try Self.set(self.validity.upperBound, "notAfter") { X509_set1_notAfter(pointer, $0) }
    try self.setSubject(of: pointer)
    let key = try subjectKey.makeKey()
    try ErrorQueue.check(X509_set_pubkey(pointer, key.pointer), "the key cannot be set")
    if let issuer {
      let parsed = try Certificate.parse(issuer.der)
      try self.finish(pointer, issuer: parsed.pointer)
    } else {
      try self.finish(pointer, issuer: pointer)
    }
    let signer = try issuerKey.makeKey()
    try ErrorQueue.check(X509_sign(pointer, signer.pointer, EVP_sha256()), "the certificate cannot be signed")
    return try Certificate(der: Self.encode(pointer))
  }

  private func finish(_ certificate: OpaquePointer, issuer: OpaquePointer) throws(CryptographyError) {
    try ErrorQueue.check(
      X509_set_issuer_name(certificate, X509_get_subject_name(issuer)), "the issuer cannot be set")
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
    for entry in self.extensions {
      let made = try Owned(
        X509V3_EXT_conf_nid(nil, &context, entry.identifier, entry.value), "no extension \(entry.value)"
      ) { X509_EXTENSION_free($0) }
      try ErrorQueue.check(X509_add_ext(certificate, made.pointer, -1), "the extension cannot be added")
    }
    if !self.names.isEmpty { try AlternativeName.add(self.names, to: certificate) }
  }

  private func setSubject(of certificate: OpaquePointer) throws(CryptographyError) {
    guard (1...64).contains(self.subject.unicodeScalars.count) else {
      throw CryptographyError(.invalidArgument, "a common name has 1 to 64 characters")
    }
    let bytes = Array(self.subject.utf8)
    try ErrorQueue.check(
      X509_NAME_add_entry_by_NID(
        X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0),
      "the subject cannot be set")
  }

  /// 159 random bits, as positive as X.509 wants it.
  private static func setSerialNumber(of certificate: OpaquePointer) throws(CryptographyError) {
    var bytes = try RandomBytes.make(20)
    bytes[0] = bytes[0] & 0x7F | 0x40
    let number = try Owned(BN_bin2bn(bytes, Int32(bytes.count), nil), "no serial number") { BN_free($0) }
    let integer = try Owned(BN_to_ASN1_INTEGER(number.pointer, nil), "no serial number") { ASN1_STRING_free($0) }
    try ErrorQueue.check(X509_set_serialNumber(certificate, integer.pointer), "no serial number")
  }

  private static func set(
    _ date: Date, _ field: String, _ set: (UnsafePointer<ASN1_TIME>) -> Int32
  ) throws(CryptographyError) {
    let seconds = date.timeIntervalSince1970
    // Beyond the year 9999 X.509 has no dates.
    guard seconds >= 0, seconds < 253_402_300_800 else {
      throw CryptographyError(.invalidArgument, "\(field): a certificate cannot say this date")
    }
    let time = try Owned(ASN1_TIME_set(nil, time_t(seconds)), "no \(field)") { ASN1_STRING_free($0) }
    try ErrorQueue.check(set(UnsafePointer(time.pointer)), "no \(field)")
  }

  private static func encode(_ certificate: OpaquePointer) throws(CryptographyError) -> [UInt8] {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(certificate, &bytes)
    guard count > 0, let bytes else {
      throw CryptographyError(.libraryFailure, "the certificate cannot be encoded: \(ErrorQueue.take())")
    }
    defer { CRYPTO_free(bytes, #file, #line) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }
}
