import CurlTransport
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import TestSupport

/// The reference webhook service as a program that speaks TLS, lets in only those with a certificate of its authority, and
/// believes only what is signed.
struct SecuredWebhook: Sendable {
  static let secrets = [Character("A"), "B"].map { "whsec_" + String(repeating: $0, count: 32) }
  let program: Program
  let authority: String
  let identity: TestIdentity
  /// Where the certificates are: `ca.pem`, `tls.crt` and `tls.key`.
  let folder: String
  private let transport: CurlHTTPTransport

  /// Runs it with the first of the secrets while `body` runs.
  static func run(in folder: String, _ body: (SecuredWebhook) async throws -> Void) async throws {
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let address = Loopback.address()
    let identity = try TestIdentity(host: address)
    for (name, bytes) in ["ca.pem": identity.authority, "tls.crt": identity.chain, "tls.key": identity.key] {
      try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    try Data(Self.secrets[0].utf8).write(to: URL(filePath: "\(folder)/secret"))
    let arguments = [
      "--host", address, "--signing-secret-file", "\(folder)/secret", "--tls-certificate", "\(folder)/tls.crt",
      "--tls-key", "\(folder)/tls.key", "--client-ca", "\(folder)/ca.pem",
    ]
    try await Program.run("umpire-webhook", arguments, in: folder) { program in
      let webhook = SecuredWebhook(
        program: program, authority: "\(address):8000", identity: identity, folder: folder, transport: transport)
      _ = try await program.line(with: "Listening")
      try await body(webhook)
    }
  }

  /// Has it believe another secret.
  func believe(_ secret: String) throws {
    try Data(secret.utf8).write(to: URL(filePath: "\(self.folder)/secret"))
  }

  /// Sets what it answers.
  ///
  /// - Returns: the status.
  func decide(_ answers: String) async throws -> Int {
    let head = HTTPRequest(method: .put, scheme: "https", authority: self.authority, path: "/state")
    let security = TransportSecurity(
      certificateAuthority: self.identity.authority, clientCertificate: self.identity.chain,
      clientKey: self.identity.key)
    let body = Array(#"{"answers":\#(answers)}"#.utf8)
    return try await self.transport.collect(TransportRequest(head: head, body: body, security: security)).head.status
      .code
  }
}
