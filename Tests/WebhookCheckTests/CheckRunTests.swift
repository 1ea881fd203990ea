import CurlTransport
import HTTPTransport
import HTTPTypes
import Hummingbird
import Logging
import Observability
import ReferenceWebhook
import ServerSupport
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookCheck

@Suite(.timeLimit(.minutes(2)))
struct CheckRunTests {
  @Test func aGoodEndpointPassesEverything() async throws {
    let secrets = try CheckFixture.secrets()
    let report = try await CheckFixture.report(StudioEndpoint(secrets: secrets), secrets: secrets)
    #expect(report.faults.isEmpty && report.skipped.isEmpty && report.isPassed, "\(report.table)")
    #expect(report.results.count == EndpointCheck.allCases.count * WebhookType.allCases.count)
    #expect(report.unserved.isEmpty)
  }

  @Test(arguments: EndpointCheck.allCases.filter { $0 != .answers })
  func eachFaultFailsItsOwnLine(fault: EndpointCheck) async throws {
    let secrets = try CheckFixture.secrets()
    let report = try await CheckFixture.report(
      StudioEndpoint(faults: [fault], secrets: secrets), types: [.readiness], secrets: secrets)
    // An answer for another review does not count where an answer is needed.
    #expect(report.faults == (fault == .uid ? [.uid, .deadline, .repetition] : [fault]), "\(report.table)")
    #expect(report.isPassed == !fault.isRequired(in: .webhookReview))
  }

  @Test func anAnswerThatNeverCountsFailsWhateverNeedsOne() async throws {
    let report = try await CheckFixture.report(StudioEndpoint(faults: [.answers]), types: [.scaling])
    #expect(report.faults == [.answers, .uid, .unknownFields, .nulls, .deadline, .repetition])
    #expect(!report.isPassed)
  }

  @Test func everythingAtOnceIsFound() async throws {
    let secrets = try CheckFixture.secrets()
    let report = try await CheckFixture.report(
      StudioEndpoint(faults: Set(EndpointCheck.allCases), secrets: secrets), types: [.readiness], secrets: secrets)
    #expect(report.faults == Set(EndpointCheck.allCases), "\(report.table)")
  }

  @Test func typesThatNobodyNamedNeedNotBeServed() async throws {
    let endpoint = StudioEndpoint(types: [.deletable])
    let report = try await CheckFixture.report(endpoint)
    #expect(report.isPassed, "\(report.table)")
    #expect(report.unserved.map(\.type) == [.scaling, .readiness, .constraint])
    #expect(Set(report.results.map(\.type)) == [.deletable])
    let named = try await CheckFixture.report(endpoint, types: [.deletable, .scaling])
    #expect(!named.isPassed && named.unserved.isEmpty)
    let none = try await CheckFixture.report(StudioEndpoint(types: []))
    #expect(!none.isPassed && none.results.isEmpty)
    #expect(none.table.contains("serves none"))
  }

  @Test func aCallerWithoutTheSecretIsToldSo() async throws {
    let report = try await CheckFixture.report(StudioEndpoint(secrets: try CheckFixture.secrets()))
    #expect(!report.isPassed && report.unserved.isEmpty)
    #expect(report.table.contains("give the endpoint's signing secret with --secret"))
  }

  @Test func whereNobodyAnswersTheRestIsNotAsked() async throws {
    let transport = ScriptedTransport { _, _ in .failure(TransportError(.connect, "nobody is there")) }
    let report = try await CheckRun(url: "http://studio.test", caller: try CheckFixture.caller(transport)).run()
    #expect(report.faults == [.answers])
    #expect(transport.requests.count == 1)
    #expect(!report.isPassed)
  }

  @Test func anEndpointThatFallsSilentIsGivenUp() async throws {
    let endpoint = StudioEndpoint()
    let transport = ScriptedTransport { request, count in
      count == 1 ? endpoint.answer(request) : .failure(TransportError(.timeout, "late", progress: .noAnswer))
    }
    let report = try await CheckRun(
      url: "http://studio.test", caller: try CheckFixture.caller(transport), types: [.readiness]
    ).run()
    #expect(transport.requests.count == 4)
    #expect(!report.isPassed && report.skipped.contains(.deadline))
  }

  /// A clock that moves on between any two messages makes no other message of the one that is sent again.
  @Test func whatIsSentAgainIsTheSame() async throws {
    let secrets = try CheckFixture.secrets()
    let studio = StudioEndpoint(secrets: secrets)
    let transport = ScriptedTransport { request, _ in studio.answer(request) }
    let second = Mutex(ProbeInstruments().now())
    var instruments = ProbeInstruments()
    instruments.now = {
      second.withLock { second in
        second += 1
        return second
      }
    }
    let endpoint = try CheckFixture.caller(transport, secrets: secrets).endpoint
    let caller = try EndpointCaller(endpoint, transport: transport, instruments: instruments)
    _ = try await CheckRun(
      url: "http://studio.test/ask", caller: caller, types: [.readiness], instruments: instruments
    ).run()
    let id = try #require(HTTPField.Name("webhook-id"))
    let sent = Dictionary(grouping: transport.requests.filter { $0.head.headerFields[id] != nil }) {
      $0.head.headerFields[id] ?? ""
    }
    let again = try #require(sent.values.first { $0.count == 2 })
    #expect(again[0].head.headerFields == again[1].head.headerFields && again[0].body == again[1].body)
  }

  @Test(arguments: [false, true])
  func theReferenceServerPassesAllOfIt(isSigned: Bool) async throws {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let secrets = isSigned ? try CheckFixture.secrets() : []
    let signatures = isSigned ? SignatureGuard(secrets: SigningSecrets(secrets, logger: logger)) : nil
    let server = ReferenceWebhookServer(signatures: signatures, logger: logger)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let service = HTTPService(
      server.router(metrics: MetricsRegistry()), host: "127.0.0.1", port: 0, logger: logger
    ) {
      port.yield($1)
      port.finish()
    }
    try await Self.run(service, ports) { base, transport in
      for (path, type) in [
        ("/scale", WebhookType.scaling), ("/ready", .readiness), ("/deletable", .deletable),
        ("/constraint", .constraint),
      ] {
        let url = base + path
        let caller = try CheckFixture.caller(transport, url: url, secrets: secrets)
        var instruments = ProbeInstruments()
        instruments.connectionsOpened = { transport.statistics.connectionsOpened }
        let report = try await CheckRun(url: url, caller: caller, instruments: instruments).run()
        #expect(report.isPassed && report.faults.isEmpty, "\(report.table)")
        #expect(Set(report.results.map(\.type)) == [type])
        let signatureChecks: Set<EndpointCheck> = [.unsigned, .wrongSignature, .staleSignature, .replay]
        #expect(report.skipped == (isSigned ? [] : signatureChecks))
      }
    }
  }

  @Test func aBadServerOnASocketFailsEachLine() async throws {
    let secrets = try CheckFixture.secrets()
    let endpoint = StudioEndpoint(faults: Set(EndpointCheck.allCases), secrets: secrets)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let listener = TransportListener(
      serving: ScriptedTransport { request, _ in endpoint.answer(request) }, host: "127.0.0.1", port: 0,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
      port.yield($1)
      port.finish()
    }
    try await Self.run(listener, ports) { base, transport in
      let caller = try CheckFixture.caller(transport, url: base, secrets: secrets)
      let report = try await CheckRun(url: base, caller: caller, types: [.readiness]).run()
      // Connections are not counted here.
      #expect(report.faults == Set(EndpointCheck.allCases).subtracting([.connections]), "\(report.table)")
    }
  }

  private static func run(
    _ service: any Service, _ ports: AsyncStream<Int>,
    _ body: (_ base: String, CurlHTTPTransport) async throws -> Void
  ) async throws {
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      for await port in ports { try await body("http://127.0.0.1:\(port)", transport) }
      group.cancelAll()
      try await group.waitForAll()
    }
  }
}
