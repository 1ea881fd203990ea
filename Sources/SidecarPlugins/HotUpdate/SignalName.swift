import Glibc

/// A signal by its name.
struct SignalName: Sendable, Hashable {
  let number: Int32
  let name: String

  init(number: Int32, name: String) {
    self.number = number
    self.name = name
  }

  /// Reads `SIGHUP`, or `HUP`, in any case; nil if there is no such signal.
  init?(_ text: String) {
    let upper = text.uppercased()
    let name = upper.hasPrefix("SIG") ? upper : "SIG" + upper
    guard let number = Self.numbers[name] else { return nil }
    self.init(number: number, name: name)
  }

  private static let numbers: [String: Int32] = [
    "SIGHUP": SIGHUP, "SIGINT": SIGINT, "SIGQUIT": SIGQUIT, "SIGILL": SIGILL, "SIGTRAP": SIGTRAP, "SIGABRT": SIGABRT,
    "SIGIOT": SIGIOT, "SIGBUS": SIGBUS, "SIGFPE": SIGFPE, "SIGKILL": SIGKILL, "SIGUSR1": SIGUSR1, "SIGSEGV": SIGSEGV,
    "SIGUSR2": SIGUSR2, "SIGPIPE": SIGPIPE, "SIGALRM": SIGALRM, "SIGTERM": SIGTERM, "SIGSTKFLT": 16,
    "SIGCHLD": SIGCHLD, "SIGCONT": SIGCONT, "SIGSTOP": SIGSTOP, "SIGTSTP": SIGTSTP, "SIGTTIN": SIGTTIN,
    "SIGTTOU": SIGTTOU, "SIGURG": SIGURG, "SIGXCPU": SIGXCPU, "SIGXFSZ": SIGXFSZ, "SIGVTALRM": SIGVTALRM,
    "SIGPROF": SIGPROF, "SIGWINCH": SIGWINCH, "SIGIO": SIGIO, "SIGPOLL": SIGIO, "SIGPWR": SIGPWR, "SIGSYS": SIGSYS,
  ]
}
