import FoundationEssentials
import Glibc

/// What a run reads and tells beside its messages.
package struct ProbeInstruments: Sendable {
  /// The calendar's time, in seconds since 1970; signatures hold it.
  package var now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
  /// The time that this process has spent on a processor.
  package var processorTime: @Sendable () -> Duration = Self.processorTimeOfThisProcess
  /// How many connections the transport has opened; nil if it does not count.
  package var connectionsOpened: @Sendable () -> Int? = { nil }
  /// Is told now and then how far a run has come.
  package var progress: @Sendable (String) -> Void = { _ in }

  /// The instruments of a program that has not said otherwise.
  package init() {}

  private static func processorTimeOfThisProcess() -> Duration {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(.zero) { sum, time in
      sum + .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }
  }
}

extension Duration {
  /// Milliseconds with one decimal place.
  package var inMilliseconds: String {
    let tenths = (self / .microseconds(100)).rounded()
    return "\(Int64(tenths) / 10).\(Int64(tenths) % 10) ms"
  }
}
