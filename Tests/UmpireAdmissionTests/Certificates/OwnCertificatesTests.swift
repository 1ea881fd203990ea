import APIServer
import ClusterTestSupport
import Cryptography
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import ServerSupport
import Testing

@testable import UmpireAdmission

@Suite(.timeLimit(.minutes(1))) struct OwnCertificatesTests {
  private static let day: TimeInterval = 86_400

  private static func options(_ time: ManualTime) -> OwnCertificateOptions {
    var options = OwnCertificateOptions(namespace: "kube-system", names: ["127.0.0.1"])
    options.terms.authorityLife = 300 * Self.day
    options.terms.servingLife = 300 * Self.day
    options.now = { time.now }
    return options
  }

  private func replica(_ client: APIClient, _ time: ManualTime) -> OwnCertificates {
    OwnCertificates(Self.options(time), client: client, identity: ServerIdentity(), logger: .silent)
  }

  @Test func replicasThatBeginAtOnceShareAnAuthority() async throws {
    try await withCluster { cluster in
      let registrations = Registrations(client: cluster.client)
      try await registrations.create()
      let time = ManualTime(Date())
      let replicas = (0..<8).map { _ in self.replica(cluster.client, time) }
      #expect(replicas.allSatisfy { $0.unready != nil })
      try await withThrowingTaskGroup(of: Void.self) { group in
        for replica in replicas { group.addTask { try await replica.look() } }
        try await group.waitForAll()
      }
      #expect(replicas.allSatisfy { $0.unready == nil })
      let secret = try await registrations.authority()
      #expect(secret.type == "kubernetes.io/tls")
      #expect(try await registrations.writes() == 2)
      let bundle = try #require(try await registrations.bundle())
      #expect(secret.data?["ca.crt"] == Data(bundle).base64EncodedString())
      #expect(secret.data?["tls.crt"] == secret.data?["ca.crt"])
      // Nothing is written when nothing has changed, by those that begin later neither.
      let revision = cluster.server.revision
      for replica in replicas + [self.replica(cluster.client, time)] {
        try await replica.look()
        #expect(replica.unready == nil)
      }
      #expect(cluster.server.revision == revision)
    }
  }

  @Test func nobodyIsRefusedWhileAuthorityAndCertificatesAreRenewed() async throws {
    try await withCluster { cluster in
      let registrations = Registrations(client: cluster.client)
      try await registrations.create()
      let start = Date()
      // Two thirds of the lives are over today.
      let time = ManualTime(start.addingTimeInterval(-201 * Self.day))
      let make = { @Sendable (identity: ServerIdentity) -> any CertificateSource in
        OwnCertificates(Self.options(time), client: cluster.client, identity: identity, logger: .silent)
      }
      try await Replica.run(make) { first in
        try await Replica.run(make) { second in
          #expect(try await !first.isAccepted(trusting: Array("".utf8)))
          try await first.certificates.look()
          try await second.certificates.look()
          let old = try #require(try await registrations.bundle())
          #expect(try await first.isAccepted(trusting: old))
          #expect(try await second.isAccepted(trusting: old))

          time.set(start)
          try await first.certificates.look()
          let both = try #require(try await registrations.bundle())
          #expect(try Certificate.parse(pem: both).count == 2)
          #expect(Array(both.suffix(old.count)) == old)
          // Known, but not yet in use: an API server that has not heard of it still accepts what is shown.
          for replica in [first, second] {
            #expect(try await replica.isAccepted(trusting: old))
            #expect(try await replica.isAccepted(trusting: both))
          }

          try await first.certificates.look()
          let new = try Certificate.parse(pem: both)[0].pem()
          #expect(try await first.isAccepted(trusting: new))
          #expect(try await !first.isAccepted(trusting: old))
          #expect(try await first.isAccepted(trusting: both))
          #expect(try await second.isAccepted(trusting: both))
          try await second.certificates.look()
          #expect(try await second.isAccepted(trusting: new))

          // The former authority is over, and with it all that it has signed.
          time.set(start.addingTimeInterval(100 * Self.day))
          try await second.certificates.look()
          #expect(try await registrations.bundle() == new)
          #expect(try await first.isAccepted(trusting: new))
          #expect(try await registrations.writes() == 6)
        }
      }
    }
  }

  @Test func anotherStartFindsTheAuthorityAgain() async throws {
    try await withCluster { cluster in
      let registrations = Registrations(client: cluster.client)
      try await registrations.create()
      let time = ManualTime(Date())
      try await self.replica(cluster.client, time).look()
      let before = try await registrations.bundle()
      let revision = cluster.server.revision
      try await self.replica(cluster.client, time).look()
      #expect(try await registrations.bundle() == before)
      #expect(cluster.server.revision == revision)
    }
  }

  @Test func aSecretThatIsDamagedOrGoneIsMadeAnew() async throws {
    try await withCluster { cluster in
      let registrations = Registrations(client: cluster.client)
      try await registrations.create()
      let replica = self.replica(cluster.client, ManualTime(Date()))
      try await replica.look()
      let first = try #require(try await registrations.bundle())
      let _: Secret = try await cluster.client.patch(
        Secret.self, Registrations.secret, ["data": ["tls.key": "Z2FyYmFnZQ==", "note": "a2VwdA=="]])
      try await replica.look()
      let second = try #require(try await registrations.bundle())
      #expect(second.count > first.count && Array(second.suffix(first.count)) == first)
      // What others keep there is none of our business.
      #expect(try await registrations.authority().data?["note"] == "a2VwdA==")

      try await cluster.client.delete(Secret.self, Registrations.secret)
      try await replica.look()
      let third = try #require(try await registrations.bundle())
      #expect(Array(third.suffix(second.count)) == second)
    }
  }

  @Test func whatCertManagerInjectsIsLeftAlone() async throws {
    try await withCluster { cluster in
      let registrations = Registrations(client: cluster.client)
      try await registrations.create(annotations: ["cert-manager.io/inject-ca-from": "umpire-system/admission"])
      let replica = self.replica(cluster.client, ManualTime(Date()))
      try await replica.look()
      #expect(try await registrations.writes() == 0)
      #expect(try await registrations.bundle() == nil)
      #expect(replica.unready == nil)
    }
  }

  @Test func withoutWebhookConfigurationsThereIsNobodyToTell() async throws {
    try await withCluster { cluster in
      let replica = self.replica(cluster.client, ManualTime(Date()))
      try await replica.look()
      #expect(replica.unready == nil)
      let registrations = Registrations(client: cluster.client)
      try await registrations.create()
      try await replica.look()
      #expect(try await registrations.bundle() != nil)
    }
  }

  @Test func itIsNotReadyWhileItMayNotTellTheAPIServer() async throws {
    try await withCluster { cluster in
      let registrations = Registrations(client: cluster.client)
      try await registrations.create()
      let time = ManualTime(Date())
      try await self.replica(cluster.client, time).look()
      // A second one that may only read finds everything in order; after a change it does not.
      let reader = cluster.client.writing(onlyIf: { false })
      let second = self.replica(reader, time)
      try await second.look()
      #expect(second.unready == nil)
      let third = self.replica(reader, time)
      try await cluster.client.delete(Secret.self, Registrations.secret)
      await #expect(throws: APIError.self) { try await third.look() }
      #expect(third.unready == "admission has no certificate yet")
    }
  }
}
