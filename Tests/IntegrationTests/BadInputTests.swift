import ClusterTestSupport
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite struct BadInputTests {
  /// Runs `umpire local up` with these arguments, which must fail before anything starts.
  private func refused(_ arguments: [String], in folder: String) async throws -> (code: Int32, output: String) {
    let (status, output) = try await Program.finish("umpire", ["local", "up"] + arguments, in: folder)
    #expect(!output.contains("Umpire is running"), "\(output)")
    guard case .exited(let code) = status else {
      Issue.record("ended by \(status)")
      return (-1, output)
    }
    return (code, output)
  }

  @Test(arguments: [
    ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [a\n", ":5:1: not YAML"),
    ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: ConfigMap\n", ":5: apiVersion is missing"),
    ("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", ":1: ConfigMap: metadata.name is missing"),
    ("- a\n- b\n", ":1: a Kubernetes object is wanted"),
    ("a: 1\na: 2\n", "the same key twice"),
    (
      "apiVersion: foo.dev/v1\nkind: Foo\nmetadata: {name: a}\n",
      "no matches for kind \"Foo\" in version \"foo.dev/v1\""
    ),
  ])
  func aBadFileIsNamed(text: String, fault: String) async throws {
    try await withFolder { folder in
      let file = try SampleManifests.write(text, to: "\(folder)/bad.yaml")
      let (code, output) = try await self.refused(["--port", "0", "--data", "\(folder)/data", "-f", file], in: folder)
      #expect(code == 65)
      #expect(output.contains("umpire: \(file)"), "\(output)")
      #expect(output.contains(fault), "\(output)")
    }
  }

  @Test func aManifestThatBreaksTheSchemaIsRefusedWhole() async throws {
    try await withFolder { folder in
      let good = SampleManifests.gameType(replicas: 1)
      let bad = good.replacing("arena", with: "broken").replacing("replicas: 1", with: "replicas: -1")
      let file = try SampleManifests.write(good + "\n---\n" + bad, to: "\(folder)/bad.yaml")
      let (code, output) = try await self.refused(["--port", "0", "--data", "\(folder)/data", "-f", file], in: folder)
      #expect(code == 65)
      #expect(output.contains("The GameType \"broken\" is invalid:"), "\(output)")
      #expect(output.contains("spec.fleetSpec.scaling.replicas"), "\(output)")
      // Nothing of the file was applied, the good part neither.
      try await LocalUp.run(dataDirectory: "\(folder)/data", in: folder) { local in
        let servers = try await local.servers()
        #expect(servers.isEmpty)
      }
    }
  }

  @Test func whatIsNotThereIsNamed() async throws {
    try await withFolder { folder in
      let data = ["--port", "0", "--data", "\(folder)/data"]
      let file = try await self.refused(data + ["-f", "\(folder)/nothing.yaml"], in: folder)
      #expect(file.code == 66)
      let program = try await self.refused(data + ["--image", "game=\(folder)/nothing"], in: folder)
      #expect(program.code == 69)
      #expect(program.output.contains("image game: \(folder)/nothing is not a program"))
      let image = try await self.refused(data + ["--image", "game"], in: folder)
      #expect(image.code == 64)
      let once = try await self.refused(data + ["--once"], in: folder)
      #expect(once.code == 64)
      let port = try await self.refused(["--port", "70000", "--data", "\(folder)/data"], in: folder)
      #expect(port.code == 64)
    }
  }

  @Test func aFolderThatCannotBeUsedIsNamed() async throws {
    try await withFolder { folder in
      let file = try SampleManifests.write("", to: "\(folder)/file")
      let (code, output) = try await self.refused(["--port", "0", "--data", file], in: folder)
      #expect(code == 73)
      #expect(output.contains(file))
    }
  }

  @Test func aFolderOfAnotherInstanceAndItsPortAreLeftAlone() async throws {
    try await withFolder { folder in
      try await LocalUp.run(dataDirectory: "\(folder)/data", in: folder) { local in
        let locked = try await self.refused(["--port", "0", "--data", "\(folder)/data"], in: folder)
        #expect(locked.code == 75)
        #expect(locked.output.contains("process \(local.program.processIdentifier)"), "\(locked.output)")
        let line = try await local.program.line(with: "Umpire is running at")
        let port = String(line.split(separator: ":").last?.prefix { $0.isNumber } ?? "")
        let taken = try await self.refused(["--port", port, "--data", "\(folder)/other"], in: folder)
        #expect(taken.code == 69)
        #expect(taken.output.contains("port \(port) is in use"), "\(taken.output)")
      }
    }
  }

  @Test func aDamagedDatabaseIsNamed() async throws {
    try await withFolder { folder in
      let data = "\(folder)/data"
      try await LocalUp.run(dataDirectory: data, in: folder) { _ in }
      let path = "\(data)/store/state.sqlite"
      var bytes = try Data(contentsOf: URL(filePath: path))
      for index in stride(from: 100, to: min(bytes.count, 40_000), by: 1) { bytes[index] = UInt8.random(in: 0...255) }
      try bytes.write(to: URL(filePath: path))
      let (code, output) = try await self.refused(["--port", "0", "--data", data], in: folder)
      #expect(code == 65)
      #expect(output.contains(path), "\(output)")
      #expect(output.contains("damaged"), "\(output)")
    }
  }
}
