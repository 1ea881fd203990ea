import CurlTransport
import HTTPTransport
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SecurityTests {
  private func request(
    _ server: SecureServer, host: String = "127.0.0.1", _ security: TransportSecurity
  ) -> TransportRequest {
    let head = HTTPRequest(method: .get, scheme: "https", authority: "\(host):\(server.port)", path: "/")
    return TransportRequest(head: head, limits: .init(total: .seconds(20)), security: security)
  }

  private func expectOK(_ transport: CurlHTTPTransport, _ request: TransportRequest) async throws {
    let response = try await transport.collect(request)
    #expect(response.head.status == .ok)
  }

  @Test func trustsItsAuthorityAndNoOther() async throws {
    try await CertificateFolder.with { folder in
      let authority = try folder.bytes("authority.pem")
      let stranger = try folder.bytes("stranger.pem")
      try await SecureServer.run(folder) { server in
        try await withTransport { transport in
          let trusted = TransportSecurity(certificateAuthority: authority)
          try await self.expectOK(transport, self.request(server, trusted))
          // The connection that was just trusted is not lent to a request that trusts another authority.
          let untrusted = [TransportSecurity(certificateAuthority: stranger), TransportSecurity()]
          for security in untrusted {
            let error = await transportError { _ = try await transport.collect(self.request(server, security)) }
            #expect(error?.code == .security)
            #expect(error?.progress == .nothingSent)
          }
          let careless = TransportSecurity(skipsVerification: true)
          try await self.expectOK(transport, self.request(server, careless))
        }
      }
    }
  }

  @Test func checksTheName() async throws {
    try await CertificateFolder.with { folder in
      let authority = try folder.bytes("authority.pem")
      try await SecureServer.run(folder) { server in
        try await withTransport { transport in
          let plain = TransportSecurity(certificateAuthority: authority)
          let wrongHost = await transportError {
            _ = try await transport.collect(self.request(server, host: "localhost", plain))
          }
          #expect(wrongHost?.code == .security)
          let named = TransportSecurity(certificateAuthority: authority, serverName: "server.test")
          try await self.expectOK(transport, self.request(server, host: "localhost", named))
          let misnamed = TransportSecurity(certificateAuthority: authority, serverName: "other.test")
          let wrongName = await transportError { _ = try await transport.collect(self.request(server, misnamed)) }
          #expect(wrongName?.code == .security)
        }
      }
    }
  }

  @Test func presentsItsCertificate() async throws {
    try await CertificateFolder.with { folder in
      let authority = try folder.bytes("authority.pem")
      let certificate = try folder.bytes("client.pem")
      let key = try folder.bytes("client.key")
      try await SecureServer.run(folder, requiresClient: true) { server in
        try await withTransport { transport in
          let known = TransportSecurity(
            certificateAuthority: authority, clientCertificate: certificate, clientKey: key)
          try await self.expectOK(transport, self.request(server, known))
          let anonymous = TransportSecurity(certificateAuthority: authority)
          await #expect(throws: TransportError.self) {
            _ = try await transport.collect(self.request(server, anonymous))
          }
        }
      }
    }
  }

  @Test func refusesOldVersionsOfTLS() async throws {
    try await CertificateFolder.with { folder in
      let authority = try folder.bytes("authority.pem")
      try await SecureServer.run(folder, options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) { server in
        try await withTransport { transport in
          let error = await transportError {
            _ = try await transport.collect(self.request(server, .init(certificateAuthority: authority)))
          }
          #expect(error?.code == .security)
        }
      }
    }
  }

  @Test func refusesWhatIsNotACertificate() async throws {
    try await CertificateFolder.with { folder in
      try await SecureServer.run(folder) { server in
        try await withTransport { transport in
          for security in [
            TransportSecurity(certificateAuthority: Array("no certificate".utf8)),
            TransportSecurity(
              certificateAuthority: try folder.bytes("authority.pem"), clientCertificate: Array("none".utf8),
              clientKey: Array("none".utf8)),
          ] {
            let error = await transportError { _ = try await transport.collect(self.request(server, security)) }
            #expect(error?.code == .security)
            #expect(error?.progress == .nothingSent)
          }
        }
      }
    }
  }

  @Test func speaksTLSToNoPlainServer() async throws {
    try await ScriptedServer.run { connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        let head = HTTPRequest(method: .get, scheme: "https", authority: server.authority, path: "/")
        let error = await transportError { _ = try await transport.collect(TransportRequest(head: head)) }
        #expect(error?.code == .security)
        #expect(error?.isSafeToRetry == true)
      }
    }
  }
}
