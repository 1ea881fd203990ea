import FoundationEssentials
import Glibc

/// What the kernel tells about a process, and about the machine.
enum ThisProcess {
  static var cores: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  static var memoryGiB: Int {
    let bytes = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    return Int((bytes / Double(1 << 30)).rounded())
  }

  /// CPU time of all threads of a process so far, in steps of a hundredth of a second.
  static func cpuTime(of process: pid_t) throws -> Duration {
    let text = String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(process)/stat")), as: UTF8.self)
    // The name of the program, which may hold anything, is in parentheses; the 12th and 13th value after it are meant.
    let values = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard values.count > 13, let user = Int(values[12]), let system = Int(values[13]) else {
      throw BenchmarkError(description: "/proc tells no CPU time of process \(process)")
    }
    return .seconds(user + system) / sysconf(Int32(_SC_CLK_TCK))
  }

  /// CPU time of all threads of this process so far.
  static var cpuTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}

/// The memory of a process, in MiB.
struct ProcessMemory: Sendable {
  /// Pages that the process has to itself: heap and stacks.
  var anonymous: Double
  /// All resident pages, those of mapped files included.
  var resident: Double

  /// Reads `/proc`.
  init(of process: pid_t) throws {
    let text = String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(process)/status")), as: UTF8.self)
    func value(_ key: String) throws -> Double {
      let words = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }?.split(whereSeparator: \.isWhitespace)
      guard let words, words.count >= 2, let kibibytes = Double(words[1]) else {
        throw BenchmarkError(description: "/proc tells no \(key) of process \(process)")
      }
      return kibibytes / 1024
    }
    self.anonymous = try value("RssAnon")
    self.resident = try value("VmRSS")
  }
}
