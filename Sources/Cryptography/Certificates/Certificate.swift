import COpenSSL
package import FoundationEssentials

/// What an X.509 certificate says, and its bytes.
package struct Certificate: Sendable, Hashable {
  /// The certificate as DER.
  package let der: [UInt8]
  /// Whom it is about, as RFC 2253 writes names: `CN=example,O=Studio`.
  package let subject: String
  /// Who signed it.
  package let issuer: String
  /// From when it counts.
  package let notBefore: Date
  /// Until when it counts.
  package let notAfter: Date
  /// Whether it may sign other certificates.
  package let isCertificateAuthority: Bool
  /// The names that it stands for; of other kinds than DNS and IP it tells nothing.
  package let alternativeNames: [AlternativeName]

  /// - Throws: ``CryptographyError`` if these bytes are not one certificate.
  package init(der: [UInt8]) throws(CryptographyError) {
    let certificate = try Self.parse(der)
    let pointer = certificate.pointer
    self.der = der
    self.subject = try Self.text(of: X509_get_subject_name(pointer))
    self.issuer = try Self.text(of: X509_get_issuer_name(pointer))
    self.notBefore = try Self.date(X509_get0_notBefore(pointer))
    self.notAfter = try Self.date(X509_get0_notAfter(pointer))
    self.isCertificateAuthority = X509_check_ca(pointer) == 1
    self.alternativeNames = AlternativeName.all(of: pointer)
    ERR_clear_error()
  }

  /// Reads every certificate of a PEM file, in order; what stands between them, and blocks of other kinds, is skipped.
  ///
  /// - Throws: ``CryptographyError`` if there is none, or one cannot be read.
  package static func parse(pem: [UInt8]) throws(CryptographyError) -> [Certificate] {
    let stream = try MemoryStream.reading(pem)
    var certificates: [Certificate] = []
    while let block = try PEMBlock.next(in: stream) {
      guard block.name == "CERTIFICATE" || block.name == "X509 CERTIFICATE" else { continue }
      certificates.append(try Certificate(der: block.bytes))
    }
    guard !certificates.isEmpty else {
      throw CryptographyError(.malformed, "no certificate in PEM (-----BEGIN CERTIFICATE-----)")
    }
    return certificates
  }

  /// The certificate in PEM, ending in a line break.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  package func pem() throws(CryptographyError) -> [UInt8] {
    let certificate = try Self.parse(self.der)
    let stream = try MemoryStream()
    try ErrorQueue.check(PEM_write_bio_X509(stream.pointer, certificate.pointer), "the certificate cannot be written")
    return stream.bytes()
  }

  /// Whether `authority` signed it: by name and by signature, whatever the dates.
  package func isIssued(by authority: Certificate) -> Bool {
    // Both were read before; if the library fails now, nothing is proved.
    guard let own = try? Self.parse(self.der), let other = try? Self.parse(authority.der),
      let key = X509_get0_pubkey(other.pointer)
    else { return false }
    defer { ERR_clear_error() }
    return X509_check_issued(other.pointer, own.pointer) == X509_V_OK && X509_verify(own.pointer, key) == 1
  }

  /// Whether `key` is the private half of this certificate's key.
  package func matches(_ key: PrivateKey) -> Bool {
    // Both were read before; if the library fails now, nothing is proved.
    guard let own = try? Self.parse(self.der), let key = try? key.makeKey() else { return false }
    defer { ERR_clear_error() }
    return X509_check_private_key(own.pointer, key.pointer) == 1
  }

  /// The certificate for the library.
  static func parse(_ der: [UInt8]) throws(CryptographyError) -> Owned<OpaquePointer> {
    let parsed = der.withUnsafeBufferPointer { buffer -> (OpaquePointer?, Int) in
      var next = buffer.baseAddress
      let pointer = d2i_X509(nil, &next, buffer.count)
      return (pointer, next.map { $0 - (buffer.baseAddress ?? $0) } ?? 0)
    }
    guard let pointer = parsed.0 else {
      throw CryptographyError(.malformed, "not an X.509 certificate: \(ErrorQueue.take())")
    }
    let certificate = try Owned(pointer, "no certificate") { X509_free($0) }
    guard parsed.1 == der.count else {
      throw CryptographyError(.malformed, "not an X.509 certificate: something follows its end")
    }
    return certificate
  }

  private static func text(of name: OpaquePointer?) throws(CryptographyError) -> String {
    let stream = try MemoryStream()
    guard X509_NAME_print_ex(stream.pointer, name, 0, NameFlags.value) >= 0 else {
      throw CryptographyError(.malformed, "a name that cannot be written: \(ErrorQueue.take())")
    }
    return String(decoding: stream.bytes(), as: UTF8.self)
  }

  private static func date(_ time: UnsafePointer<ASN1_TIME>?) throws(CryptographyError) -> Date {
    var fields = tm()
    guard let time, ASN1_TIME_to_tm(time, &fields) == 1 else {
      throw CryptographyError(.malformed, "a date that cannot be read: \(ErrorQueue.take())")
    }
    return Date(timeIntervalSince1970: TimeInterval(timegm(&fields)))
  }
}
