import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

/// Asks one endpoint again and again, and stores what it says.
///
/// The result is what stands at `jsonPath`, else the body without white space at its ends. A probe that fails stores
/// nothing: the last result stands.
final class EndpointProbe: Sendable {
  private let endpoint: ProbeEndpoint
  private let interval: Duration
  private let surroundings: PluginSurroundings
  private let storage: ResultStorage
  private let state = Mutex(State())

  private struct State {
    var result: String?
    var error: String?
    var failures = 0
    var probes = 0
    var lastProbe: Timestamp?
  }

  /// Bytes of an answer that are read.
  static let bodyBytes = 1 << 20

  init(_ endpoint: ProbeEndpoint, interval: Duration, _ surroundings: PluginSurroundings) {
    self.endpoint = endpoint
    self.interval = interval
    self.surroundings = surroundings
    self.storage = ResultStorage(endpoint.storage, surroundings)
  }

  /// Why the endpoint's result is not known or not stored; nil if all is well.
  var fault: String? { self.state.withLock { $0.error } ?? self.storage.fault }

  /// What is known of the endpoint.
  var details: JSONValue {
    let state = self.state.withLock { $0 }
    return [
      "url": .string(self.endpoint.address?.shown ?? ""), "probes": .integer(Int64(state.probes)),
      "consecutiveFailures": .integer(Int64(state.failures)),
      "result": state.result.map { .string(String($0.prefix(256))) } ?? .null,
      "error": state.error.map(JSONValue.string) ?? .null,
      "storageError": self.storage.fault.map(JSONValue.string) ?? .null,
      "lastProbeTime": state.lastProbe.map { .string($0.description) } ?? .null,
    ]
  }

  /// Works until the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.storage.run() }
      await self.probeAgainAndAgain()
      group.cancelAll()
    }
  }

  private func probeAgainAndAgain() async {
    let time = self.surroundings.time
    var next = time.instant()
    while !Task.isCancelled {
      await self.probe()
      next = Self.next(after: time.instant(), due: next, interval: self.interval)
      // Only a cancellation ends the pause early, and the loop with it.
      try? await time.sleep(next - time.instant())
    }
  }

  /// The next start on the grid of starts; those that a slow answer has covered are left out.
  static func next(
    after now: ContinuousClock.Instant, due: ContinuousClock.Instant, interval: Duration
  ) -> ContinuousClock.Instant {
    let missed = Int64(((now - due) / interval).rounded(.down))
    return due + interval * (max(0, missed) + 1)
  }

  private func probe() async {
    let now = self.surroundings.time.timestamp()
    let outcome: Result<String, ProbeFault>
    do {
      outcome = .success(try await self.ask())
    } catch let fault as ProbeFault {
      outcome = .failure(fault)
    } catch let error as TransportError {
      outcome = .failure(ProbeFault("the request failed: \(error.message)"))
    } catch {
      guard !Task.isCancelled else { return }
      outcome = .failure(ProbeFault("the request failed: \(error)"))
    }
    let isNews = self.state.withLock { state in
      state.probes += 1
      state.lastProbe = now
      let before = state.error
      switch outcome {
      case .success(let result):
        state.result = result
        state.error = nil
        state.failures = 0
      case .failure(let fault):
        state.error = fault.description
        state.failures += 1
      }
      return state.error != before
    }
    if case .success(let result) = outcome { self.storage.put(result) }
    if isNews, case .failure(let fault) = outcome {
      self.surroundings.logger.warning(
        "Probe failed",
        metadata: ["url": .string(self.endpoint.address?.shown ?? ""), "error": .string(fault.description)])
    }
  }

  private func ask() async throws -> String {
    guard let address = self.endpoint.address else { throw ProbeFault("there is no URL") }
    var request = TransportRequest(
      head: address.request(self.endpoint.method, fields: self.endpoint.headers),
      limits: .init(
        connect: min(.seconds(5), self.endpoint.timeout), total: self.endpoint.timeout, responseBytes: Self.bodyBytes))
    request.refusedRanges = NetworkRange.metadataServices
    let answer = try await self.surroundings.transport.collect(request)
    guard answer.head.status.code == self.endpoint.expectedStatusCode else {
      throw ProbeFault(
        "the answer's status is \(answer.head.status.code), not \(self.endpoint.expectedStatusCode)")
    }
    guard let path = self.endpoint.resultPath else {
      guard let text = String(validating: answer.body, as: UTF8.self) else {
        throw ProbeFault("the answer is not UTF-8")
      }
      return ResultStorage.bounded(text.trimming(while: \.isWhitespace))
    }
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: answer.body)
    } catch {
      throw ProbeFault("the answer is not JSON: \(error)")
    }
    guard let value = path.value(in: document), !value.isNull else {
      throw ProbeFault("nothing stands at the jsonPath in the answer")
    }
    return ResultStorage.bounded(ResultPath.text(value))
  }
}

/// Why a probe has no result.
struct ProbeFault: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
