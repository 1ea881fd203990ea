import NIOCore
import NIOSSL

/// What a server proves its name with.
///
/// Its text never shows the key.
package struct ServerCertificate: Sendable, CustomStringConvertible, CustomReflectable {
  /// The certificate and those that lead to a trusted one, in PEM, its own first.
  package let chain: [UInt8]
  /// The authorities, in PEM, of which every client needs a certificate; nil to ask for none.
  package let clientAuthority: [UInt8]?
  private let key: [UInt8]

  /// Creates a pair, which is checked once the server starts.
  ///
  /// - Parameters:
  ///   - chain: PEM, its own first.
  ///   - key: PEM, without a passphrase.
  ///   - clientAuthority: PEM; for mutual TLS.
  package init(chain: [UInt8], key: [UInt8], clientAuthority: [UInt8]? = nil) {
    self.chain = chain
    self.clientAuthority = clientAuthority
    self.key = key
  }

  package var description: String { "ServerCertificate" }

  package var customMirror: Mirror { Mirror(self, children: []) }

  /// TLS 1.2 or later, HTTP/1.1, and a certificate of the client if there is an authority for it.
  ///
  /// - Throws: ``ListenError`` if one of them cannot be used.
  func configuration() throws(ListenError) -> TLSConfiguration {
    var configuration: TLSConfiguration
    do {
      configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMBytes(self.chain).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: self.key, format: .pem)))
    } catch {
      throw ListenError(code: .certificateUnusable, message: "the server's certificate or key cannot be used")
    }
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    // A client that keeps an idle connection does not answer the goodbye; a stop does not wait for it.
    configuration.shutdownTimeout = .milliseconds(200)
    guard let clientAuthority = self.clientAuthority else { return configuration }
    do {
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(clientAuthority))
    } catch {
      throw ListenError(code: .certificateUnusable, message: "the clients' authority cannot be used")
    }
    // Whoever has a certificate of the authority is let in; a client has no host name that could be checked.
    configuration.certificateVerification = .noHostnameVerification
    return configuration
  }
}
