import Glibc

/// Where finished log lines go.
package struct LogOutput: Sendable {
  private let write: @Sendable (_ line: String) -> Void

  /// Creates an output from a closure that is given each line with its line end.
  package init(_ write: @escaping @Sendable (_ line: String) -> Void) {
    self.write = write
  }

  /// Writes one line.
  package func callAsFunction(_ line: String) {
    self.write(line)
  }

  /// The process' standard error, one call for each line, so that lines of several threads never mix.
  package static let standardError = LogOutput { line in
    var bytes = Array(line.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      // Nobody reads any more: there is nobody to tell.
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
