import FoundationEssentials
import Glibc
import KubernetesModel
import Testing

@testable import ProcessNode

struct VolumeFolderTests {
  private static func content(_ files: [String: String], mode: UInt32 = 0o644) throws -> VolumeContent {
    var content = VolumeContent(volume: "v", mode: mode)
    let items = files.keys.map { VolumeItem(key: $0.replacing("/", with: "-"), path: $0) }
    var source = VolumeObject(.configMap, ["name": "m"], name: "name")
    source.items = items
    let data = files.map { ($0.key.replacing("/", with: "-"), JSONValue.string($0.value)) }
    try content.add(["data": .object(Dictionary(uniqueKeysWithValues: data))], of: source)
    return content
  }

  private static func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  private static func mode(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func filesAreLinksIntoADatedFolder() async throws {
    try await withTemporaryFolder { root in
      let folder = VolumeFolder(path: "\(root)/v")
      try folder.write(try Self.content(["a": "one", "x/y": "two"], mode: 0o440), at: Date(timeIntervalSince1970: 0))
      #expect(text("\(root)/v/a") == "one")
      #expect(text("\(root)/v/x/y") == "two")
      #expect(Self.mode("\(root)/v/x/y") == 0o440)
      let manager = FileManager.default
      #expect(try manager.destinationOfSymbolicLink(atPath: "\(root)/v/a") == "..data/a")
      #expect(try manager.destinationOfSymbolicLink(atPath: "\(root)/v/x") == "..data/x")
      let dated = try manager.destinationOfSymbolicLink(atPath: "\(root)/v/..data")
      #expect(dated.hasPrefix("..1970_01_01_00_00_00."))
      #expect(try Self.names("\(root)/v") == [dated, "..data", "a", "x"].sorted())
    }
  }

  @Test func aChangeReplacesEverythingAtOnceAndLeavesNothingBehind() async throws {
    try await withTemporaryFolder { root in
      let folder = VolumeFolder(path: "\(root)/v")
      try folder.write(try Self.content(["a": "one", "b": "one"]))
      let before = try FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/v/..data")
      // What a process has put there, and what a crash in the middle of a change has left.
      try Data("own".utf8).write(to: URL(filePath: "\(root)/v/own"))
      try FileManager.default.createDirectory(atPath: "\(root)/v/..2001_left", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: "\(root)/v/..data_tmp", withDestinationPath: "..2001_left")
      try folder.write(try Self.content(["a": "two", "c": "two"]))
      let after = try FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/v/..data")
      #expect(after != before)
      #expect(try Self.names("\(root)/v") == [after, "..data", "a", "c", "own"].sorted())
      #expect(text("\(root)/v/a") == "two")
      #expect(text("\(root)/v/own") == "own")
      try folder.write(try Self.content([:]))
      #expect(try Self.names("\(root)/v").filter { !$0.hasPrefix("..") } == ["own"])
    }
  }

  @Test func whatCannotBeWrittenLeavesTheFilesAsTheyWere() async throws {
    try await withTemporaryFolder { root in
      let folder = VolumeFolder(path: "\(root)/v")
      try folder.write(try Self.content(["a": "one"]))
      let names = try Self.names("\(root)/v")
      // A file and a folder of one name.
      #expect(throws: VolumeFault.self) { try folder.write(try Self.content(["a": "two", "b": "", "b/c": ""])) }
      #expect(text("\(root)/v/a") == "one")
      #expect(try Self.names("\(root)/v") == names)
    }
  }

  @Test func aPartStaysWithinItsVolume() async throws {
    try await withTemporaryFolder { root in
      let folder = VolumeFolder(path: "\(root)/v")
      try folder.prepareEmpty()
      #expect(Self.mode("\(root)/v") == 0o777)
      #expect(try folder.part("x/./y", makesFolder: true) == "\(root)/v/x/./y")
      #expect(FileManager.default.fileExists(atPath: "\(root)/v/x/y"))
      #expect(throws: VolumeFault.self) { try folder.part("none", makesFolder: false) }
      try FileManager.default.createSymbolicLink(atPath: "\(root)/v/out", withDestinationPath: root)
      #expect(throws: VolumeFault.self) { try folder.part("out", makesFolder: true) }
      #expect(throws: VolumeFault.self) { try folder.part("out/new", makesFolder: true) }
      #expect(!FileManager.default.fileExists(atPath: "\(root)/new"))
      try folder.write(try Self.content(["a": "one"]))
      #expect(try folder.part("a", makesFolder: false) == "\(root)/v/a")
    }
  }

  @Test func aSweepRemovesTheFoldersOfPodsThatAreGone() async throws {
    try await withTemporaryFolder { root in
      let (kept, gone) = (UUID().uuidString.lowercased(), UUID().uuidString.lowercased())
      for name in [kept, gone, "other"] {
        try FileManager.default.createDirectory(atPath: "\(root)/\(name)/volumes", withIntermediateDirectories: true)
      }
      #expect(VolumeSweep(folder: root).run(keeping: [kept]) == 1)
      #expect(try Self.names(root) == [kept, "other"].sorted())
      #expect(VolumeSweep(folder: "\(root)/none").run() == 0)
    }
  }
}
