import FoundationEssentials
import ServerSupport
import TestSupport
import Testing

@testable import UmpireAdmission

@Suite(.timeLimit(.minutes(1))) struct CertificateFolderTests {
  private func write(_ identity: TestIdentity, key: [UInt8]? = nil, to folder: String) throws {
    try Data(identity.chain).write(to: URL(filePath: "\(folder)/tls.crt"))
    try Data(key ?? identity.key).write(to: URL(filePath: "\(folder)/tls.key"))
  }

  @Test func anotherCertificateIsShownOnceItIsWhole() async throws {
    let (old, new) = (try TestIdentity(), try TestIdentity())
    try await withFolder { folder in
      try await Replica.run({ CertificateFolder(folder, identity: $0, logger: .silent) }) { replica in
        await #expect(throws: BoundedFileError.self) { try await replica.certificates.look() }
        #expect(replica.certificates.unready == "\(folder) has no certificate for admission yet")
        #expect(try await !replica.isAccepted(trusting: old.authority))

        try self.write(old, to: folder)
        try await replica.certificates.look()
        #expect(replica.certificates.unready == nil)
        #expect(try await replica.isAccepted(trusting: old.authority))

        try self.write(new, key: old.key, to: folder)
        await #expect(throws: ListenError.self) { try await replica.certificates.look() }
        #expect(try await replica.isAccepted(trusting: old.authority))

        try self.write(new, to: folder)
        try await replica.certificates.look()
        #expect(try await replica.isAccepted(trusting: new.authority))
        #expect(try await !replica.isAccepted(trusting: old.authority))
      }
    }
  }
}
