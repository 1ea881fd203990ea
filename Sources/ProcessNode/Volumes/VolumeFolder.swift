import FoundationEssentials
import Glibc

/// The folder of one volume, written as a kubelet writes it.
///
/// ```
/// config.yaml ─▶ ..data/config.yaml
/// ..data ──────▶ ..2026_05_04_12_30_00.123456
/// ..2026_05_04_12_30_00.123456/config.yaml
/// ```
///
/// A change makes a new dated folder and moves `..data` to it in one step, so whoever reads sees the old files or the new
/// ones, each whole. What a process has put beside them stays, as long as its name is not needed.
struct VolumeFolder: Sendable {
  let path: String

  private static let data = "..data"
  private static let unfinished = "..data_tmp"

  /// Makes the folder of an `emptyDir`; what is in it stays.
  ///
  /// - Throws: ``VolumeFault``.
  func prepareEmpty() throws(VolumeFault) {
    try Self.make(self.path)
    // Whoever runs in the Pod may write here; nobody else gets past the Pod's own folder.
    guard chmod(self.path, 0o777) == 0 else { throw VolumeFault("cannot open up \(self.path)") }
  }

  /// Makes the folder's files those of `content`; whatever fails, the files are those of before.
  ///
  /// - Throws: ``VolumeFault``.
  func write(_ content: VolumeContent, at date: Date = Date()) throws(VolumeFault) {
    try Self.make(self.path)
    let dated = try self.makeDatedFolder(date)
    do throws(VolumeFault) {
      for (name, file) in content.files { try self.write(file, to: "\(self.path)/\(dated)/\(name)") }
      try self.link(Self.data, to: dated, over: Self.unfinished)
    } catch {
      // The first fault is the one that matters; the next change removes what is left.
      try? FileManager.default.removeItem(atPath: "\(self.path)/\(dated)")
      throw error
    }
    let names = Set(content.files.keys.map { String($0.prefix { $0 != "/" }) })
    for name in names { try self.link(name, to: "\(Self.data)/\(name)", over: "..\(name).tmp") }
    self.removeAll(but: names, dated)
  }

  /// Where a part of the volume lies, which must be within it whatever links there are.
  ///
  /// - Parameter makesFolder: Whether a part that is not there becomes a folder.
  /// - Throws: ``VolumeFault``.
  func part(_ subPath: String, makesFolder: Bool) throws(VolumeFault) -> String {
    let whole = Self.resolved(self.path) ?? self.path
    var path = self.path
    for name in subPath.split(separator: "/") {
      path += "/\(name)"
      if makesFolder, Self.resolved(path) == nil { mkdir(path, 0o777) }
      guard let part = Self.resolved(path) else { throw VolumeFault("\(name) cannot be found") }
      guard part == whole || part.hasPrefix(whole + "/") else {
        throw VolumeFault(description: "\(name) leads out of the volume")
      }
    }
    return path
  }

  // MARK: Steps

  /// Makes a folder of a name that no other has.
  private func makeDatedFolder(_ date: Date) throws(VolumeFault) -> String {
    let time = String(date.formatted(.iso8601).prefix(19).map { $0.isNumber ? $0 : Character("_") })
    var template = Array("\(self.path)/..\(time).XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw VolumeFault("cannot make a folder in \(self.path)") }
    let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard chmod(made, 0o755) == 0 else { throw VolumeFault("cannot open up \(made)") }
    return String(made.dropFirst(self.path.count + 1))
  }

  private func write(_ file: VolumeContent.File, to path: String) throws(VolumeFault) {
    if let slash = path.lastIndex(of: "/") { try Self.make(String(path[..<slash])) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw VolumeFault("cannot write \(path)") }
    var rest = file.bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    let isWhole = rest.isEmpty && fchmod(descriptor, file.mode) == 0
    let fault = VolumeFault("cannot write \(path)")
    guard close(descriptor) == 0, isWhole else { throw fault }
  }

  /// Points `name` to `target` in one step.
  private func link(_ name: String, to target: String, over temporary: String) throws(VolumeFault) {
    let (path, new) = ("\(self.path)/\(name)", "\(self.path)/\(temporary)")
    if Self.target(of: path) == target { return }
    unlink(new)
    guard symlink(target, new) == 0, rename(new, path) == 0 else {
      let fault = VolumeFault("cannot put \(path) into its place")
      unlink(new)
      throw fault
    }
  }

  /// Removes links to files that are gone, and dated folders that nobody needs any more.
  private func removeAll(but names: Set<String>, _ dated: String) {
    // What cannot be listed or removed now is so after the next change.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? [] {
      let path = "\(self.path)/\(name)"
      if name.hasPrefix("..") {
        guard name != Self.data, name != dated else { continue }
        // As above.
        try? FileManager.default.removeItem(atPath: path)
      } else if !names.contains(name), Self.target(of: path) == "\(Self.data)/\(name)" {
        unlink(path)
      }
    }
  }

  private static func make(_ path: String) throws(VolumeFault) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw VolumeFault("cannot make the folder \(path)")
    }
  }

  /// A path without links; nil if there is nothing.
  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Where a symbolic link points to; nil for anything else.
  private static func target(of path: String) -> String? {
    // What is no link has no target.
    try? FileManager.default.destinationOfSymbolicLink(atPath: path)
  }
}

/// Why a volume's folder cannot be written.
struct VolumeFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence for a person.
  let description: String

  init(description: String) { self.description = description }

  /// Adds the system's own reason for what has just failed.
  init(_ what: String) { self.description = "\(what): \(String(cString: strerror(errno)))" }
}
