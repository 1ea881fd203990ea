import Glibc
import HTTPTypes
import HummingbirdTesting
import KubernetesModel
import ServerSupport
import Testing
import UmpireModel

@testable import SidecarPlugins

struct HotUpdateValueTests {
  @Test func versionsAreComparedNumberByNumber() throws {
    let ordered = [
      "v0", "v0.9", "v1", "v1.0.0.1", "v1.2", "v1.9.9.9.9", "v1.10", "v2", "v10", "v99999999999999999999999",
    ]
    let versions = try ordered.map { try #require(PatchVersion($0)) }
    #expect(versions.shuffled().sorted().map(\.description) == ordered)
    #expect(PatchVersion("v1.0") == PatchVersion("v01"))
    for text in [
      "", "1", "v", "v.", "v1.", "v.1", "v1..2", "V1", "v1a", "v-1", "v1 ", "v１",
      "v" + String(repeating: "1", count: 200),
    ] {
      #expect(PatchVersion(text) == nil)
    }
  }

  @Test func recordsAreThePeersYAMLAndMore() throws {
    let version = try #require(PatchVersion("v1.2"))
    let record = UpdateRecord(version: version, url: "http://a/b?c=d#e: f", sha256: "ab", gameType: "true", uid: "1")
    #expect(record.yaml.hasPrefix("hot_update:\n  v1.2: \"http://a/b?c=d#e: f\"\n"))
    #expect(UpdateRecord(yaml: record.yaml) == record)
    #expect(
      UpdateRecord(yaml: "hot_update:\n  v1: http://a/b\n")
        == UpdateRecord(version: try #require(PatchVersion("v1")), url: "http://a/b"))
    for yaml in ["", "7", "hot_update:\n  OriginVersion: OriginUrl\n", "hot_update: []", "{", "other: {}"] {
      #expect(UpdateRecord(yaml: yaml) == nil)
    }
  }

  @Test func aPodOfTheSameNameThatWasMadeAnewIsAnotherOne() throws {
    let old = UpdateRecord(version: try #require(PatchVersion("v1")), url: "http://a/b", uid: "old")
    var pod = Pod(metadata: ObjectMeta(name: "p"), spec: PodSpec())
    pod.metadata.uid = "new"
    #expect(UpdateRecord.choose(for: pod, among: ["p": old.yaml]) == nil)
    #expect(UpdateRecord.stale(["p": old.yaml, "q": old.yaml], [pod]) == ["p", "q"])
    pod.metadata.uid = "old"
    #expect(UpdateRecord.choose(for: pod, among: ["p": old.yaml]) == old)
    #expect(UpdateRecord.stale(["p": old.yaml], [pod]) == [])
  }

  @Test(arguments: [
    ("nginx: master process nginx -g daemon off;", "nginx: master process nginx", true),
    ("nginx: worker process", "nginx: master process nginx", false), ("/usr/bin/game --map a", "game", true),
    ("/usr/bin/game-server", "game", false), ("/opt/mygame", "game", false), ("sh -c run game", "game", true),
    ("game", "game", true), ("gamegame game", "game", true), ("game", "", false), ("a", "longer", false),
  ])
  func processesAreNamedByWholeWords(line: String, name: String, isNamed: Bool) {
    #expect(ProcessEntry(pid: 1, parent: 0, startTime: 1, commandLine: line, isZombie: false).isNamed(name) == isNamed)
  }

  @Test func aForkIsNotCountedBesideItsParentUnlessAllAreMeant() throws {
    func entry(_ pid: Int32, _ parent: Int32, _ line: String) -> ProcessEntry {
      ProcessEntry(pid: pid, parent: parent, startTime: 1, commandLine: line, isZombie: false)
    }
    var loading = SignalLoading()
    loading.processName = "game"
    let forked = [entry(5, 1, "game"), entry(6, 5, "game"), entry(7, 5, "sleep")]
    #expect(try ProcessTable.choose(loading, among: forked).map(\.pid) == [5])
    do throws(UpdateFault) {
      _ = try ProcessTable.choose(loading, among: forked + [entry(8, 5, "game --other")])
      Issue.record("two are meant")
    } catch {
      #expect(error.kind == .severalProcesses)
      #expect(error.processes == [5, 8])
    }
    #expect(throws: UpdateFault.self) { try ProcessTable.choose(loading, among: [entry(7, 5, "sleep")]) }
    loading.all = true
    #expect(try ProcessTable.choose(loading, among: forked).map(\.pid) == [5, 6])
  }

  @Test func readsWhatTheKernelWrites() throws {
    let stat = "42 (a) b) S " + (4...21).map(String.init).joined(separator: " ") + " 777 23 24"
    let entry = try #require(
      ProcessTable.entry(42, stat: Array(stat.utf8), commandLine: Array("game\u{0}--map\u{0}x y\u{0}".utf8)))
    #expect(entry == ProcessEntry(pid: 42, parent: 4, startTime: 777, commandLine: "game --map x y", isZombie: false))
    let zombie = stat.replacing(") S", with: ") Z")
    #expect(ProcessTable.entry(42, stat: Array(zombie.utf8), commandLine: [])?.isZombie == true)
    #expect(ProcessTable.entry(42, stat: Array("42 (a".utf8), commandLine: []) == nil)
    // The test itself is a process, and nobody to send a signal to.
    #expect(ProcessTable(own: 0).entries().contains { $0.pid == getpid() })
    #expect(!ProcessTable().entries().contains { $0.pid == getpid() })
  }

  @Test(arguments: [("SIGHUP", SIGHUP), ("usr1", SIGUSR1), ("SIGKILL", SIGKILL), ("sigwinch", SIGWINCH)])
  func signalsAreKnownByName(name: String, number: Int32) {
    #expect(SignalName(name)?.number == number)
  }

  @Test func everyFaultOfTheConfigurationIsSaid() throws {
    let (_, errors, warnings) = try reading(
      HotUpdatePlugin.self,
      """
      loadPatchType: signal
      signal: {signalName: SIGNONE}
      downloadFolder: relative
      port: 70000
      allowAnyone: true
      allowedURLPrefixes: ['ftp://a', 'http://a/../b']
      timeoutSeconds: 0
      maximumBytes: 0
      resultConfigMapName: Not A Name
      storageConfg: {}
      """)
    #expect(errors.count == 9)
    for key in [
      "signal.signalName", "signal.processName", "downloadFolder", "port", "timeoutSeconds", "maximumBytes",
      "resultConfigMapName",
    ] {
      #expect(errors.contains { $0.hasPrefix("config.\(key): ") }, "\(key)")
    }
    #expect(warnings.contains("config.storageConfg: is not known and has no effect; did you mean 'storageConfig'?"))
    #expect(warnings.contains { $0.contains("allowAnyone") })
    let (_, missing, _) = try reading(HotUpdatePlugin.self, "{}")
    #expect(missing == ["config.loadPatchType: Required value: signal or request"])
    let (peer, none, _) = try reading(
      HotUpdatePlugin.self, "{loadPatchType: request, request: {address: game, port: 80}, fileDir: /tmp/x}")
    #expect(none.isEmpty)
    #expect(peer.folder == "/tmp/x")
    #expect(peer.port == 5000)
  }

  @Test(arguments: [
    ("", nil, "/app/downloads"), ("", "", "/app/downloads"), ("", "/pod/downloads", "/pod/downloads"),
    (", downloadFolder: /tmp/x", "/pod/downloads", "/tmp/x"),
  ])
  func whereTheFolderIsSaidFirstItIs(field: String, variable: String?, expected: String) throws {
    let (configuration, errors, _) = try reading(
      HotUpdatePlugin.self, "{loadPatchType: request, request: {address: game, port: 80}\(field)}",
      environment: variable.map { ["UMPIRE_DOWNLOAD_FOLDER": $0] } ?? [:])
    #expect(errors.isEmpty)
    #expect(configuration.folder == expected)
  }

  @Test func fromOutsideThePodNobodyMayUnlessSomebodySaysSo() async throws {
    let yaml = "loadPatchType: request\nrequest: {address: game, port: 80}\ndownloadFolder: /tmp/unused\n"
    func status(_ more: String, _ authorize: PluginAuthorization?) async throws -> HTTPResponse.Status {
      var surroundings = PluginSurroundings.test()
      surroundings.authorize = authorize
      let (configuration, _, _) = try reading(HotUpdatePlugin.self, yaml + more)
      let plugin = HotUpdatePlugin(configuration, surroundings)
      let service = HTTPService(plugin.router(), host: "127.0.0.1", port: 0, logger: .silent)
      return try await service.application.test(.router) { client in
        try await client.execute(uri: "/hot-update", method: .post).status
      }
    }
    #expect(try await status("", nil) == .unauthorized)
    #expect(try await status("", { _, _ throws(Problem) in throw Problem(.forbidden, "no") }) == .forbidden)
    #expect(try await status("", { _, _ throws(Problem) in }) == .badRequest)
    #expect(try await status("allowAnyone: true", nil) == .badRequest)
  }
}
