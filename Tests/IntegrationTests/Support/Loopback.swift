import FoundationEssentials
import Synchronization

/// Loopback addresses that no other test uses.
enum Loopback {
  private static let next = Mutex(0)

  static func address() -> String {
    let number = self.next.withLock { number in
      number += 1
      return number
    }
    return "127.\(200 + number / 250).\(ProcessInfo.processInfo.processIdentifier & 0xFF).\(number % 250 + 1)"
  }
}
