import NIOSSL

/// What a server proves its name with.
///
/// Its text never shows the key.
package struct ServerCertificate: Sendable, CustomStringConvertible, CustomReflectable {
  /// The certificate and those that lead to a trusted one, in PEM, its own first.
  package let chain: [UInt8]
  private let key: [UInt8]

  /// Creates a pair, which is checked once the server starts.
  ///
  /// - Parameters:
  ///   - chain: PEM, its own first.
  ///   - key: PEM, without a passphrase.
  package init(chain: [UInt8], key: [UInt8]) {
    self.chain = chain
    self.key = key
  }

  package var description: String { "ServerCertificate" }

  package var customMirror: Mirror { Mirror(self, children: []) }

  /// TLS 1.2 or later, HTTP/1.1, and no certificate asked of the client.
  ///
  /// - Throws: ``ListenError`` if the two cannot be used.
  func configuration() throws(ListenError) -> TLSConfiguration {
    do {
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMBytes(self.chain).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: self.key, format: .pem)))
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      return configuration
    } catch {
      throw ListenError(code: .certificateUnusable, message: "the server's certificate or key cannot be used")
    }
  }
}
