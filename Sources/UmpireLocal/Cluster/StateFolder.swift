import FoundationEssentials
import Glibc

/// The folder in which one instance of `umpire local` keeps everything, locked while it runs.
package final class StateFolder: Sendable {
  /// Absolute, without a slash at its end.
  package let path: String
  private let lock: Int32

  /// Makes the folder if need be, and locks it.
  ///
  /// - Throws: ``LocalError`` if it cannot be made, or if another instance uses it.
  package init(path: String) throws(LocalError) {
    let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    self.path = absolute.count > 1 && absolute.last == "/" ? String(absolute.dropLast()) : absolute
    do {
      try FileManager.default.createDirectory(
        atPath: self.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw LocalError(.cannotCreate, "\(self.path): the folder cannot be made; choose another with --data")
    }
    let file = self.path + "/umpire.lock"
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw LocalError(.cannotCreate, "\(file): \(String(cString: strerror(errno))); choose another folder with --data")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      var buffer = [UInt8](repeating: 0, count: 32)
      let count = max(0, read(descriptor, &buffer, buffer.count))
      close(descriptor)
      let holder = String(decoding: buffer.prefix(count).filter { (48...57).contains($0) }, as: UTF8.self)
      throw LocalError(
        .temporaryFailure,
        "\(self.path): another instance\(holder.isEmpty ? "" : " (process \(holder))") uses this folder; "
          + "stop it, or choose another with --data")
    }
    let text = Array("\(getpid())\n".utf8)
    // Only a hint for the message above; the lock is what counts.
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
    self.lock = descriptor
  }

  deinit { close(self.lock) }

  /// The folder to use without `--data`: one a user and port, so that a later start finds what a crash left running.
  package static func temporaryPath(port: Int, environment: [String: String]) -> String {
    Self.temporaryPath(instance: "\(port)", environment: environment)
  }

  /// The folder to use without `--data` for what is called `instance`, which is fit for a file's name.
  static func temporaryPath(instance: String, environment: [String: String]) -> String {
    let base = environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? environment["TMPDIR"] ?? "/tmp"
    return "\(base)/umpire-local-\(getuid())-\(instance)"
  }

  /// Empties the folder but for the lock: without `--data` nothing outlives a run.
  package func removeContents() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? []  // Absent is empty.
    for name in names where name != "umpire.lock" {
      // What cannot be removed is written over or ignored by the next run.
      try? FileManager.default.removeItem(atPath: "\(self.path)/\(name)")
    }
  }
}
