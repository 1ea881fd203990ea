import Cryptography
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Subprocess
import SystemPackage
import TestSupport
import Testing
import UmpireModel

@testable import WebhookClient

/// `hostile_server.py`, which listens on a port for each way to misbehave.
struct HostileServer: Sendable {
  /// The port of each way.
  let ports: [String: Int64]
  /// The authority that its certificates are to be trusted by.
  let authority: [UInt8]

  /// Runs `body` with a server that is gone afterwards with all it kept.
  static func run<Result: Sendable>(
    _ names: [String], _ body: @Sendable (HostileServer) async throws -> Result
  ) async throws -> Result {
    try await withFolder { folder in try await Self.run(names, in: folder, body) }
  }

  private static func run<Result: Sendable>(
    _ names: [String], in folder: String, _ body: @Sendable (HostileServer) async throws -> Result
  ) async throws -> Result {
    let authority = try Self.makeCertificates(in: folder)
    let output = try FileDescriptor.open(
      FilePath("\(folder)/output"), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    let script = URL(filePath: #filePath).deletingLastPathComponent().path + "/hostile_server.py"
    return try await Subprocess.run(
      .name("python3"), arguments: Arguments(["-W", "ignore", script, folder] + names), input: .none,
      output: .fileDescriptor(output, closeAfterSpawningProcess: true), error: .combinedWithOutput
    ) { execution in
      defer { kill(execution.processIdentifier.value, SIGKILL) }
      let ports: [String: Int64] = try await eventually("the server says where it listens") {
        let line = try Data(contentsOf: URL(filePath: "\(folder)/output"))
        guard line.last == UInt8(ascii: "\n") else { return nil }
        return try JSONValue(parsing: Array(line)).objectValue?.compactMapValues(\.integerValue)
      }
      return try await body(HostileServer(ports: ports, authority: authority))
    }.closureResult
  }

  /// Certificates of each kind that a test needs, signed by an authority that is returned.
  private static func makeCertificates(in folder: String) throws -> [UInt8] {
    let now = Date()
    let day: TimeInterval = 86_400
    let validity = now.addingTimeInterval(-2 * day)...now.addingTimeInterval(day)
    let authority = try CertificateAuthority(commonName: "Authority", validity: validity)
    let own = [AlternativeName.address("127.0.0.1"), .dns("localhost")]
    let alone = try CertificateAuthority(commonName: "Self", validity: validity)
    let all = [
      "server": try authority.issue(commonName: "server", names: own, validity: validity),
      "expired": try authority.issue(
        commonName: "expired", names: own, validity: validity.lowerBound...now.addingTimeInterval(-day)),
      "stranger": try authority.issue(
        commonName: "stranger", names: [.dns("elsewhere.test")], validity: validity),
      "self": IssuedCertificate(certificate: alone.certificate, key: alone.key),
    ]
    for (name, issued) in all {
      try Data(try issued.certificate.pem()).write(to: URL(filePath: "\(folder)/\(name).pem"))
      try Data(issued.key.pem).write(to: URL(filePath: "\(folder)/\(name).key"))
    }
    return try authority.certificate.pem()
  }

  /// An endpoint at one of the ports.
  func endpoint(_ name: String, isSecure: Bool = false, timeoutSeconds: Int64 = 30) throws -> WebhookEndpoint {
    let port = try #require(self.ports[name])
    let bundle = isSecure ? Data(self.authority).base64EncodedString() : nil
    return try WebhookEndpoint(
      WebhookClientConfig(url: "\(isSecure ? "https" : "http")://127.0.0.1:\(port)/", caBundle: bundle),
      namespace: "games", timeoutSeconds: timeoutSeconds)
  }

  /// What the server has counted.
  func counts(_ transport: CurlHTTPTransport) async throws -> [String: Int64] {
    let head = HTTPRequest(
      method: .get, scheme: "http", authority: "127.0.0.1:\(self.ports["statistics"] ?? 0)", path: "/")
    let body = try await transport.collect(TransportRequest(head: head)).body
    return try JSONValue(parsing: body).objectValue?.compactMapValues(\.integerValue) ?? [:]
  }
}
