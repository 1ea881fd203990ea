import FoundationEssentials

/// The project's own programs, found beside this one, and those that the user names.
package enum ProgramTable {
  /// Images that are there by default.
  static let ownImages = ["umpire-sidecar", "umpire-webhook", "sample-game-server"]

  /// - Parameters:
  ///   - executable: the path of this program.
  ///   - named: `NAME=PATH` as given by `--image`.
  /// - Throws: ``LocalError`` naming every program that is missing.
  package static func programs(executable: String, named: [String]) throws(LocalError) -> [String: String] {
    var table: [String: String] = [:]
    let folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
    for image in Self.ownImages { table[image] = "\(folder)/\(image)" }
    for entry in named {
      guard let separator = entry.firstIndex(of: "="), separator != entry.startIndex else {
        throw LocalError(.usage, "--image \(entry): write it as NAME=PATH")
      }
      let path = String(entry[entry.index(after: separator)...])
      table[String(entry[..<separator])] =
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
    let missing = table.filter { !FileManager.default.isExecutableFile(atPath: $0.value) }
    guard missing.isEmpty else {
      let lines = missing.sorted { $0.key < $1.key }.map { "image \($0.key): \($0.value) is not a program" }
      throw LocalError(
        .unavailable,
        lines.joined(separator: "\n")
          + "\nbuild the project's own with 'swift build', name others with --image NAME=PATH")
    }
    return table
  }

  /// The path of the running program.
  package static var ownExecutable: String {
    // The link is always there on Linux; argv[0] is the answer where /proc is not mounted.
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}
