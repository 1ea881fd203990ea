import Glibc

/// What standard output and error are connected to.
package enum Terminal {
  /// Whether a person reads standard error.
  package static var isStandardError: Bool { isatty(STDERR_FILENO) == 1 }
  /// Whether a person reads standard output.
  package static var isStandardOutput: Bool { isatty(STDOUT_FILENO) == 1 }
}
