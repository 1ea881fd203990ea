import APIServer
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging
import Testing

@testable import ProcessNode

/// The volumes of a Pod, made of the objects of a real API server in the same process.
struct PodVolumesTests {
  private struct Fixture {
    let client: APIClient
    let folder: String
    let volumes: PodVolumes

    /// The Pod's only container mounts each volume at `/mnt/<name>`.
    func provide(_ volumes: [JSONValue], subPath: String? = nil) async throws -> MountMapping {
      let (container, fields) = self.pod(volumes, subPath: subPath)
      return try await self.volumes.provide(for: container, of: fields, environment: [:])
    }

    func refresh(_ volumes: [JSONValue]) async { await self.volumes.refresh(self.pod(volumes).fields) }

    func problem(_ volumes: [JSONValue], subPath: String? = nil) async -> ContainerProblem? {
      await #expect(throws: ContainerProblem.self) { _ = try await self.provide(volumes, subPath: subPath) }
    }

    private func pod(_ volumes: [JSONValue], subPath: String? = nil) -> (container: Container, fields: PodFields) {
      var container = Container(name: "main", image: "game")
      container.fields["volumeMounts"] = .array(
        volumes.map { volume in
          let name = volume["name"]?.stringValue ?? ""
          return [
            "name": .string(name), "mountPath": .string("/mnt/\(name)"), "subPath": subPath.map { .string($0) } ?? "",
          ]
        })
      var pod = makePod(containers: [container])
      pod.spec.fields["volumes"] = .array(volumes)
      return (container, PodFields(pod: pod, podAddress: "127.64.0.7", hostAddress: "127.0.0.1"))
    }

    func set(_ name: String, _ data: [String: String]) async throws {
      let key = ObjectKey(namespace: "games", name: name)
      if try await self.client.find(ConfigMap.self, key) != nil { try await self.client.delete(ConfigMap.self, key) }
      _ = try await self.client.create(
        ConfigMap(metadata: ObjectMeta(name: name, namespace: "games"), data: data))
    }
  }

  private func withFixture(_ body: (Fixture) async throws -> Void) async throws {
    try await withTemporaryFolder { root in
      let server = try EmbeddedAPIServer.open(EmbeddedAPIServer.Configuration())
      defer { server.close() }
      let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "tests")
      _ = try await client.create(Namespace(name: "games"))
      let folder = "\(root)/pods/uid-1"
      let logger = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })
      try await body(
        Fixture(
          client: client, folder: folder, volumes: PodVolumes(folder: folder, client: client, logger: logger)))
    }
  }

  private static let config: JSONValue = ["name": "config", "configMap": ["name": "arena"]]
  private static let optional: JSONValue = ["name": "config", "configMap": ["name": "arena", "optional": true]]
  private static let scratch: JSONValue = ["name": "scratch", "emptyDir": [:]]

  @Test func aContainerWaitsForAConfigMapAndFollowsIt() async throws {
    try await self.withFixture { fixture in
      #expect(
        await fixture.problem([Self.config])
          == ContainerProblem(
            reason: .configuration, message: "volume \"config\": configmap \"arena\" not found"))
      try await fixture.set("arena", ["a.yaml": "one"])
      let mapping = try await fixture.provide([Self.config, Self.scratch])
      let path = mapping.map("/mnt/config/a.yaml")
      #expect(path == "\(fixture.folder)/volumes/config/a.yaml")
      #expect(text(path) == "one")
      let mode = try FileManager.default.attributesOfItem(atPath: fixture.folder)[.posixPermissions] as? UInt16
      #expect(mode == 0o700)
      try await fixture.set("arena", ["a.yaml": "two", "b.yaml": ""])
      #expect(text(path) == "one")
      await fixture.refresh([Self.config, Self.scratch])
      #expect(text(path) == "two")
      #expect(FileManager.default.fileExists(atPath: mapping.map("/mnt/config/b.yaml")))
      fixture.volumes.remove()
      #expect(!FileManager.default.fileExists(atPath: fixture.folder))
    }
  }

  @Test func anObjectThatHasNotChangedIsNotWrittenAgain() async throws {
    try await self.withFixture { fixture in
      try await fixture.set("arena", ["a": "one"])
      let link = try await fixture.provide([Self.config]).map("/mnt/config/..data")
      let before = try FileManager.default.destinationOfSymbolicLink(atPath: link)
      await fixture.refresh([Self.config])
      _ = try await fixture.provide([Self.config])
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == before)
    }
  }

  @Test func anObjectThatIsGoneLeavesTheFilesUnlessItIsOptional() async throws {
    try await self.withFixture { fixture in
      try await fixture.set("arena", ["a": "one"])
      let path = try await fixture.provide([Self.config]).map("/mnt/config/a")
      try await fixture.client.delete(ConfigMap.self, ObjectKey(namespace: "games", name: "arena"))
      await fixture.refresh([Self.config])
      #expect(text(path) == "one")
      // A container that is started again is not held up.
      _ = try await fixture.provide([Self.config])
      #expect(text(path) == "one")
      await fixture.refresh([Self.optional])
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func anOptionalObjectMayComeLater() async throws {
    try await self.withFixture { fixture in
      let path = try await fixture.provide([Self.optional]).map("/mnt/config/a")
      #expect(FileManager.default.fileExists(atPath: "\(fixture.folder)/volumes/config"))
      #expect(!FileManager.default.fileExists(atPath: path))
      try await fixture.set("arena", ["a": "one"])
      await fixture.refresh([Self.optional])
      #expect(text(path) == "one")
    }
  }

  @Test func secretsAreDecoded() async throws {
    try await self.withFixture { fixture in
      _ = try await fixture.client.create(
        Secret(metadata: ObjectMeta(name: "keys", namespace: "games"), data: ["key": "AAEC"], type: "Opaque"))
      let mapping = try await fixture.provide([["name": "keys", "secret": ["secretName": "keys", "defaultMode": 256]]])
      let path = mapping.map("/mnt/keys/key")
      #expect(ProcessRecord.read(path) == [0, 1, 2])
      let mode =
        try FileManager.default.attributesOfItem(
          atPath: "\(fixture.folder)/volumes/keys/..data/key")[.posixPermissions] as? UInt16
      #expect(mode == 0o400)
    }
  }

  @Test func aPartIsMadeInAnEmptyFolderAndFoundAmongFiles() async throws {
    try await self.withFixture { fixture in
      let made = try await fixture.provide([Self.scratch], subPath: "x/y").map("/mnt/scratch/z")
      #expect(made == "\(fixture.folder)/volumes/scratch/x/y/z")
      #expect(FileManager.default.fileExists(atPath: "\(fixture.folder)/volumes/scratch/x/y"))
      try await fixture.set("arena", ["a": "one"])
      #expect(text(try await fixture.provide([Self.config], subPath: "a").map("/mnt/config")) == "one")
      #expect(await fixture.problem([Self.config], subPath: "none")?.reason == .configuration)
      #expect(await fixture.problem([Self.scratch], subPath: "..")?.reason == .configuration)
    }
  }

  @Test func aSourceThatIsNotSupportedIsSaid() async throws {
    try await self.withFixture { fixture in
      let problem = await fixture.problem([["name": "disk", "persistentVolumeClaim": ["claimName": "c"]]])
      #expect(
        problem?.message
          == "volume \"disk\": persistentVolumeClaim is not supported by a local node; it provides configMap, secret, "
          + "downwardAPI, projected and emptyDir")
    }
  }
}
