import KubernetesModel
import KubernetesRuntime
import Logging
import Metrics
import Synchronization
import TestSupport
import Testing

@testable import ClusterSimulation

extension SimulationTests {
  /// The loop that every kind is worked off by, in virtual time and in random orders.
  @Suite(.timeLimit(.minutes(2)))
  struct ControllerLoopSweepTests {
    /// Who holds which key, and what is owed to whom.
    private final class Ledger: Sendable {
      struct State {
        var held: Set<ObjectKey> = []
        /// When each key that was put in is to be looked at, at the latest; any look from there on will do.
        var owed: [ObjectKey: Duration] = [:]
        var twice = 0
        var late = 0
        var starts = 0
        var most = 0
        var chance: FuzzSource
      }
      let state: Mutex<State>
      private let time: SimulatedTime

      init(seed: UInt64, time: SimulatedTime) {
        self.state = Mutex(State(chance: FuzzSource(seed: seed)))
        self.time = time
      }

      func owe(_ key: ObjectKey, after delay: Duration) {
        let due = self.time.elapsed + delay
        self.state.withLock { $0.owed[key] = min($0.owed[key] ?? due, due) }
      }

      /// Nobody is busy: what is due has been looked at, or is held.
      func rest() {
        let now = self.time.elapsed
        self.state.withLock { state in
          state.late += state.owed.filter { $0.value <= now && !state.held.contains($0.key) }.count
        }
      }

      func work(on key: ObjectKey) async throws -> WorkOutcome {
        let length = self.state.withLock { state in
          state.starts += 1
          if !state.held.insert(key).inserted { state.twice += 1 }
          state.most = max(state.most, state.held.count)
          state.owed[key] = nil
          return state.chance.number(below: 5)
        }
        if length > 2 { try await self.time.sleep(.milliseconds(length)) }
        for _ in 0..<length { await Task.yield() }
        let ending = self.state.withLock { state in
          state.held.remove(key)
          return state.chance.number(below: 6)
        }
        switch ending {
        case 0:
          // Not before its back-off is over.
          self.owe(key, after: .seconds(60))
          throw SimulationError("it fails")
        case 1:
          self.owe(key, after: .milliseconds(30))
          return .requeue(after: .milliseconds(30))
        default: return .done
        }
      }
    }

    private static func play(
      seed: UInt64, trace: SimulationTrace = SimulationTrace()
    ) async throws -> Ledger.State {
      try await SerialThread.run(seed: seed, trace: trace) { thread in
        let time = SimulatedTime()
        let ledger = Ledger(seed: seed, time: time)
        let loop = ControllerLoop(
          name: "swept", workers: 32, clock: InjectedClock(time: time.clientTime),
          logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
          metricsFactory: NOOPMetricsHandler.instance
        ) { key, _ in try await ledger.work(on: key) }
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await loop.run() }
          for producer in 0..<6 {
            group.addTask {
              var chance = FuzzSource(seed: seed &* 31 &+ UInt64(producer))
              for _ in 0..<40 {
                let key = ObjectKey(namespace: "n", name: "k\(chance.number(below: 8))")
                let delay: Duration = chance.pick([.zero, .zero, .zero, .milliseconds(5), .seconds(1)])
                ledger.owe(key, after: delay)
                loop.enqueue(key, after: delay)
                if chance.isOne(in: 3) { await Task.yield() }
                // Cancellation ends the loop soon enough.
                if chance.isOne(in: 6) { try? await time.sleep(.milliseconds(chance.number(below: 40))) }
              }
            }
          }
          // The longest row of failures is over long before.
          while await thread.idle(), let next = time.nextWake, next < .seconds(120) {
            ledger.rest()
            time.advance(to: next)
          }
          group.cancelAll()
        }
        return ledger.state.withLock { $0 }
      }
    }

    @Test func aSeedIsPlayedAgainAlike() async throws {
      for seed: UInt64 in 0..<4 {
        let first = SimulationTrace(keepsLines: true)
        _ = try await Self.play(seed: seed, trace: first)
        for _ in 0..<3 {
          let again = SimulationTrace(keepsLines: true)
          _ = try await Self.play(seed: seed, trace: again)
          #expect(first.digest == again.digest, "seed \(seed)\(first.difference(from: again) ?? "")")
        }
      }
    }

    @Test func noKeyIsHeldTwiceAndEachEnqueueIsFollowedByWork() async throws {
      var most = 0
      for seed: UInt64 in 0..<40 {
        let end = try await Self.play(seed: seed)
        #expect(end.twice == 0, "seed \(seed)")
        #expect(end.owed == [:] && end.late == 0, "seed \(seed): \(end.owed), \(end.late) late")
        #expect(end.held.isEmpty && end.starts > 50, "seed \(seed): \(end.starts) starts")
        most = max(most, end.most)
      }
      // Several keys were worked on at once.
      #expect(most > 4)
    }
  }
}
