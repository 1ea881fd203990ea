import FoundationEssentials
import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct PersistenceTests {
  /// A folder of its own that is gone afterwards.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/umpire-store-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }  // What is left over is the system's to remove.
    try await body(folder)
  }

  private func open(_ folder: String) throws -> EmbeddedAPIServer {
    try EmbeddedAPIServer.open(EmbeddedAPIServer.Configuration(storage: .directory(folder)))
  }

  @Test func aRestartKeepsEverything() async throws {
    try await self.withFolder { folder in
      let first = try self.open(folder)
      try await first.send(.post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Transcript.read("crd"))
      let widget = try await first.createWidget("kept", metadata: ["labels": ["k": "v"]])
      try await first.createConfigMap("gone")
      try await first.send(.delete, "\(EmbeddedAPIServer.configMaps)/gone")
      let revision = first.revision
      first.close()

      let second = try self.open(folder)
      defer { second.close() }
      #expect(second.revision == revision)
      #expect(try await second.send(.get, "\(EmbeddedAPIServer.widgets)/kept").json == widget)
      #expect(try await second.send(.get, "\(EmbeddedAPIServer.configMaps)/gone").status == 404)
      let selected = try await second.send(.get, "\(EmbeddedAPIServer.widgets)?labelSelector=k%3Dv").json
      #expect(selected["items"]?.arrayValue?.count == 1)
      // Versions go on growing, and the past is gone.
      let next = try await second.createWidget("next")
      #expect(Int64(next["metadata"]!["resourceVersion"]!.stringValue!)! == revision + 1)
      let watch = try await second.send(
        .get, "\(EmbeddedAPIServer.widgets)?watch=1&timeoutSeconds=1&resourceVersion=1")
      #expect(watch.events.map { $0["type"] } == ["ERROR"])
      #expect(watch.events[0]["object"]?["code"] == 410)
    }
  }

  @Test func whatWasAcknowledgedIsOnDiskBeforeTheServerCloses() async throws {
    try await self.withFolder { folder in
      let server = try self.open(folder)
      defer { server.close() }
      try await server.createConfigMap("acknowledged")
      // What another process would find if this one died now.
      let copy = folder + "/copy"
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
      for file in ["state.sqlite", "state.sqlite-wal"] {
        try FileManager.default.copyItem(atPath: "\(folder)/\(file)", toPath: "\(copy)/\(file)")
      }
      let survivor = try self.open(copy)
      defer { survivor.close() }
      #expect(try await survivor.send(.get, "\(EmbeddedAPIServer.configMaps)/acknowledged").status == 200)
    }
  }

  private func code(_ body: () throws -> EmbeddedAPIServer) -> APIServerError.Code? {
    do {
      try body().close()
      return nil
    } catch {
      let error = error as? APIServerError
      #expect(error?.message.contains("\n") == false)
      return error?.code
    }
  }

  @Test func aFolderServesOneInstance() async throws {
    try await self.withFolder { folder in
      let first = try self.open(folder)
      #expect(self.code { try self.open(folder) } == .folderLocked)
      first.close()
    }
  }

  @Test func tellsDamageAndUnusableFoldersApart() async throws {
    try await self.withFolder { folder in
      try self.open(folder).close()
      let file = "\(folder)/state.sqlite"
      let intact = try Data(contentsOf: URL(filePath: file))

      try Data(repeating: 0x55, count: 8192).write(to: URL(filePath: file))
      #expect(self.code { try self.open(folder) } == .databaseDamaged)

      var broken = intact
      // Keeps the header, so that only a check of the content finds it.
      for index in 4096..<broken.count { broken[index] = 0xAA }
      try broken.write(to: URL(filePath: file))
      #expect(self.code { try self.open(folder) } == .databaseDamaged)

      #expect(self.code { try self.open("\(file)/below") } == .folderUnusable)
      #expect(self.code { try self.open("/proc/nowhere/at-all") } == .folderUnusable)
    }
  }
}
