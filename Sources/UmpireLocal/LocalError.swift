/// Why `umpire local` cannot start, or ended badly: one clear line and an exit code of sysexits.h.
package struct LocalError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What to exit with.
  package var exitCode: ExitCode
  /// One line for a person, or several where several things are wrong.
  ///
  /// It names the thing and the way out.
  package var message: String

  package init(_ exitCode: ExitCode, _ message: String) {
    self.exitCode = exitCode
    self.message = message
  }

  package var description: String { self.message }

  /// The codes of sysexits.h that are used.
  package enum ExitCode: Int32, Sendable {
    /// The command line is wrong.
    case usage = 64
    /// A file that was given is wrong, or a database is damaged.
    case badData = 65
    /// A file that was given is not there.
    case noInput = 66
    /// A program, a port or a service is not to be had.
    case unavailable = 69
    /// Something failed within.
    case software = 70
    /// A folder or file cannot be made.
    case cannotCreate = 73
    /// Another instance is in the way.
    case temporaryFailure = 75
  }
}
