import CAllocatorShims
import ServiceLifecycle

/// Gives back to the machine what a burst of requests has left.
///
/// The allocator keeps nearly all of what was freed, in case it is needed again. A program that stands beside another one
/// for days, and is busy for minutes, leaves it to the other.
package struct MemoryReturn: Service {
  private let interval: Duration
  private let clock: any Clock<Duration>
  private let giveBack: @Sendable () -> Void

  /// Creates a service, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - interval: how long to wait between two looks, each of which takes some microseconds.
  ///   - threshold: how much must be free, in bytes, for the work to be worth it.
  package init(every interval: Duration = .seconds(5), above threshold: Int = 128 << 10) {
    self.init(every: interval, clock: ContinuousClock()) {
      if mallinfo2().fordblks > threshold { malloc_trim(0) }
    }
  }

  /// - Parameter giveBack: called each time.
  init(every interval: Duration, clock: any Clock<Duration>, giveBack: @escaping @Sendable () -> Void) {
    self.interval = interval
    self.clock = clock
    self.giveBack = giveBack
  }

  /// Gives back now and then until the task is cancelled or gracefully shut down.
  package func run() async {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        // It throws when the task is cancelled.
        try? await self.clock.sleep(for: self.interval)
        self.giveBack()
      }
    }
  }
}
