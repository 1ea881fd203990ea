package import UmpireModel
import WebhookClient

/// Plays Umpire against one endpoint, check by check.
///
/// ```swift
/// let caller = try EndpointCaller(endpoint, transport: CurlHTTPTransport())
/// let report = try await CheckRun(url: url, caller: caller).run()
/// print(report.table)
/// ```
package struct CheckRun: Sendable {
  /// How many reviews are in flight while the deadline is looked at.
  package static let parallelReviews = 64
  private static let rounds = 4
  private static let reviewsInTurn = 8
  /// After so many messages without an answer in time the rest of a type is not looked at.
  private static let patience = 3

  private let url: String
  private let caller: EndpointCaller
  private let factory: ReviewFactory
  private let types: [WebhookType]
  private let instruments: ProbeInstruments

  /// - Parameters:
  ///   - url: The endpoint as a person named it.
  ///   - types: What it must serve; empty for whatever it serves of all that the dialect knows.
  package init(
    url: String, caller: EndpointCaller, factory: ReviewFactory = ReviewFactory(), types: [WebhookType] = [],
    instruments: ProbeInstruments = ProbeInstruments()
  ) {
    self.url = url
    self.caller = caller
    self.factory = factory
    self.types = factory.dialect == .webhookReview ? types : [.scaling]
    self.instruments = instruments
  }

  /// The order in which types are tried that nobody named.
  package static let allTypes: [WebhookType] = [.scaling, .readiness, .deletable, .constraint]

  /// Runs every check of every type, one after another.
  ///
  /// - Throws: ``CryptographyError``, ``WebhookFailure`` if nothing can be sent; `CancellationError`.
  package func run() async throws -> CheckReport {
    var report = CheckReport(url: self.url, dialect: self.factory.dialect)
    for type in self.types.isEmpty ? Self.allTypes : self.types {
      let first = try await self.exchange(.answers, type)
      if self.types.isEmpty, let answer = first.exchanges.last?.answer, Self.meansUnserved(answer) {
        report.unserved.append(.init(type: type, received: answer.summary))
        continue
      }
      try await self.check(type, first, &report)
      // Where nobody answers, nobody answers another type.
      if self.types.isEmpty, first.exchanges.last?.answer.isUnanswered ?? true { break }
    }
    return report
  }

  /// The first of all types that the endpoint does not refuse; nil if it refuses all.
  ///
  /// - Throws: as ``run()``.
  package func servedType() async throws -> WebhookType? {
    for type in self.types.isEmpty ? Self.allTypes : self.types {
      guard let answer = try await self.exchange(.answers, type).exchanges.last?.answer else { continue }
      if !Self.meansUnserved(answer) { return type }
    }
    return nil
  }

  /// Whether an answer says that the path is for something else; 401 and 403 speak of the caller instead.
  static func meansUnserved(_ answer: ProbeAnswer) -> Bool {
    guard let status = answer.status else { return false }
    return (400..<500).contains(status) && status != 401 && status != 403
  }

  private struct Step {
    var exchanges: [(message: ProbeMessage, answer: ProbeAnswer)] = []
    var duration: Duration = .zero
  }

  private func exchange(_ check: EndpointCheck, _ type: WebhookType) async throws -> Step {
    let start = ContinuousClock.now
    var step = Step()
    // What is sent again is the same to the second, or it would be another message.
    let present = self.caller.present
    for message in try ProbeMessage.messages(for: check, type: type, self.factory) {
      step.exchanges.append((message, try await self.caller.send(message, signedAt: present)))
    }
    step.duration = start.duration(to: .now)
    return step
  }

  private func check(_ type: WebhookType, _ first: Step, _ report: inout CheckReport) async throws {
    var obstacle = first.exchanges.last?.answer.isUnanswered ?? true ? "nothing answered" : nil
    var late = 0
    for check in EndpointCheck.allCases {
      let start = ContinuousClock.now
      let verdict: Verdict
      if check == .answers {
        verdict = check.judge(first.exchanges)
      } else if let why = obstacle ?? check.obstacle(in: self.factory.dialect, isSigned: self.caller.isSigned) {
        verdict = .skipped(why)
      } else {
        self.instruments.progress("\(type.rawValue): \(check.title)")
        switch check {
        case .deadline: verdict = EndpointCheck.judgeDeadline(try await self.load(type))
        case .connections: verdict = try await self.connections(type)
        default:
          let step = try await self.exchange(check, type)
          verdict = check.judge(step.exchanges)
          late += step.exchanges.count { $0.answer.isLate }
          if late >= Self.patience { obstacle = "it answered too late too often" }
        }
      }
      report.results.append(
        .init(
          type: type, check: check, isRequired: check.isRequired(in: self.factory.dialect), verdict: verdict,
          duration: check == .answers ? first.duration : start.duration(to: .now)))
    }
  }

  private func load(_ type: WebhookType) async throws -> LoadReport {
    var plan = LoadRun.Plan(type: type, reviews: Self.parallelReviews * Self.rounds, parallel: Self.parallelReviews)
    plan.failureLimit = Self.parallelReviews
    return try await LoadRun(plan, caller: self.caller, factory: self.factory, instruments: self.instruments).run()
  }

  private func connections(_ type: WebhookType) async throws -> Verdict {
    guard let before = self.instruments.connectionsOpened() else {
      return EndpointCheck.judgeConnections(opened: nil, reviews: 0)
    }
    let plan = LoadRun.Plan(type: type, reviews: Self.reviewsInTurn, parallel: 1)
    _ = try await LoadRun(plan, caller: self.caller, factory: self.factory, instruments: self.instruments).run()
    let opened = self.instruments.connectionsOpened().map { $0 - before }
    return EndpointCheck.judgeConnections(opened: opened, reviews: Self.reviewsInTurn)
  }
}

extension ProbeAnswer {
  fileprivate var isLate: Bool {
    if case .failure(let failure) = self.outcome { failure.reason == .timeout } else { false }
  }
}
