import FoundationEssentials
import KubernetesModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `umpire validate` as a studio runs it before it applies anything.
@Suite(.timeLimit(.minutes(3))) struct ValidateProgramTests {
  private static let samples =
    "\(#filePath)".split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/manifests/samples"

  private static let head = "apiVersion: umpire.dev/v1alpha1\nkind: "
  private static let pod = "{containers: [{name: game, image: game}]}"

  private func withFiles(
    _ files: [String: String], _ body: (_ folder: String) async throws -> Void
  ) async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/m", withIntermediateDirectories: false)
      for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: "\(folder)/m/\(name)")) }
      try await body(folder)
    }
  }

  private func validate(_ arguments: [String], in folder: String) async throws -> (status: ProgramEnd, output: String) {
    let (status, output) = try await Program.finish("umpire", ["validate"] + arguments, in: folder)
    return (status, output.replacing("\(folder)/m/", with: ""))
  }

  @Test func theSamplesAreSound() async throws {
    try await withFolder { folder in
      let (status, output) = try await self.validate(["--strict", "-f", Self.samples], in: folder)
      #expect(status == .exited(0))
      #expect(
        output == "\(Self.samples)/plugins.yaml:1 ConfigMap/patched-plugins: not a kind of Umpire's, skipped\n"
          + "6 objects, 0 errors, 0 warnings, 1 skipped\n")
    }
  }

  @Test func everyProblemIsNamedWithItsPlace() async throws {
    let server = """
      # The first document says nothing.
      ---
      \(Self.head)Server
      metadata: {name: duel}
      spec: {timeuot: 5m, pod: {containers: [{name: game}], hostNetwork: true}}
      ---
      {apiVersion: v1, kind: Service, metadata: {name: web}}
      ---
      \(Self.head)Server
      metadata: {name: "du\\e[31mel"}
      spec: {timeout: 5, pod: \(Self.pod)}
      ---
      \(Self.head)Servant
      """
    let json = #"{"apiVersion":"umpire.dev/v1alpha1","kind":"Fleet","metadata":{"name":"f"},"spec":{"spec":{}}}"#
    try await self.withFiles(["a.yaml": server, "b.json": json, "c.yml": "a: [1,\n", "d.json": "{]", "e.txt": "[["]) {
      folder in
      let (status, output) = try await self.validate(["-f", "\(folder)/m"], in: folder)
      #expect(status == .exited(1))
      let lines = output.split(separator: "\n").map(String.init)
      #expect(lines[0].hasPrefix("c.yml:2:1: not YAML: "))
      #expect(lines[1].hasPrefix("d.json: not JSON: "))
      #expect(lines[2] == "a.yaml:1 Server/duel: spec.pod.containers[0].image: Required value")
      #expect(lines[3] == "a.yaml:1 Server/duel: spec.timeuot: warning: unknown field")
      #expect(lines[4] == "a.yaml:2 Service/web: not a kind of Umpire's, skipped")
      #expect(lines[5].hasPrefix("a.yaml:3 Server/du\u{FFFD}[31mel: metadata.name: Invalid value: "))
      #expect(lines[6].hasPrefix("a.yaml:3 Server/du\u{FFFD}[31mel: spec.timeout: Invalid value: \"integer\": "))
      #expect(lines[7].hasPrefix("a.yaml:4 Servant/?: no kind \"Servant\" in umpire.dev/v1alpha1; "))
      #expect(lines[8] == "b.json:1 Fleet/f: spec.spec.pod: Required value")
      #expect(lines[9...] == ["3 objects, 7 errors, 1 warning, 1 skipped"])
    }
  }

  @Test func objectsAreComparedWithEachOther() async throws {
    func autoscaler(_ name: String) -> String {
      """
      \(Self.head)GameAutoscaler
      metadata: {name: \(name)}
      spec: {gameName: arena, policy: {type: webhook, webhook: {url: "https://studio.example"}}}

      """
    }
    let configuration = """
      \(Self.head)WebhookConfiguration
      metadata: {name: arena}
      webhooks: [{name: WarmedUp, type: ReadinessWebhook, clientConfig: {service: {name: studio}}}]
      """
    let server = """
      \(Self.head)Server
      metadata: {name: duel}
      spec: {webhookConfigurationName: arena, readinessGates: [WarmedUp, Loaded], pod: \(Self.pod)}
      """
    let files = ["a.yaml": autoscaler("a") + "---\n" + autoscaler("b"), "b.yaml": server, "c.yaml": configuration]
    try await self.withFiles(files) { folder in
      let doubt =
        "b.yaml:1 Server/duel: spec.readinessGates[1]: warning: Invalid value: \"Loaded\": WebhookConfiguration "
        + "\"arena\" has no webhook of this name\n"
      let (status, output) = try await self.validate(["-f", "\(folder)/m"], in: folder)
      #expect(status == .exited(1))
      #expect(
        output == "a.yaml:2 GameAutoscaler/b: spec.gameName: Duplicate value: \"arena\": GameAutoscaler \"a\" scales "
          + "this GameType already\n" + doubt + "4 objects, 1 error, 1 warning, 0 skipped\n")

      let two = ["-f", "\(folder)/m/b.yaml", "\(folder)/m/c.yaml"]
      let lenient = try await self.validate(two, in: folder)
      #expect(lenient.status == .exited(0) && lenient.output == doubt + "2 objects, 0 errors, 1 warning, 0 skipped\n")
      let strict = try await self.validate(two + ["--strict"], in: folder)
      #expect(strict.status == .exited(1) && strict.output.hasSuffix("2 objects, 1 error, 0 warnings, 0 skipped\n"))
      // Alone, nothing is known of the configuration.
      #expect(try await self.validate(["--strict", "-f", "\(folder)/m/b.yaml"], in: folder).status == .exited(0))
    }
  }

  @Test func theStandardInputAndJSON() async throws {
    let list = """
      apiVersion: v1
      kind: List
      items:
      - {apiVersion: umpire.dev/v1alpha1, kind: WebhookConfiguration, metadata: {name: arena, namespace: games},
         webhooks: [{name: a, type: Nonsense, clientConfig: {url: "https://bob:word@studio.example"}}]}
      """
    let result = try await Subprocess.run(
      .path(FilePath("\(try Program.folder)/umpire")), arguments: ["validate", "-f", "-", "-o", "json"],
      input: .string(list), output: .string(limit: 1 << 20), error: .discarded)
    #expect(result.terminationStatus == .exited(1))
    let output = result.standardOutput
    #expect(!output.contains("word@"))
    let report = try JSONValue(parsing: Array(output.utf8))
    #expect(report["objects"] == 1 && report["errors"] == 2 && report["warnings"] == 0 && report["skipped"] == 0)
    let problem = try #require(report["problems"]?.arrayValue?.first { $0["field"] == "webhooks[0].type" })
    #expect(problem["file"] == "stdin" && problem["document"] == 1)
    #expect(problem["kind"] == "WebhookConfiguration" && problem["name"] == "arena" && problem["namespace"] == "games")
    #expect(problem["severity"] == "error" && problem["reason"] == "FieldValueNotSupported")
    // A pipe that a shell names is waited for.
    let named = try await Subprocess.run(
      .path(FilePath("\(try Program.folder)/umpire")), arguments: ["validate", "-f", "/dev/stdin"],
      input: .string(list), output: .string(limit: 1 << 20), error: .discarded)
    #expect(named.standardOutput.hasSuffix("1 object, 2 errors, 0 warnings, 0 skipped\n"))
  }

  @Test func whatCannotBeReadIsNoVerdict() async throws {
    let sound = "\(Self.head)Server\nmetadata: {name: duel}\nspec: {pod: \(Self.pod)}\n"
    try await self.withFiles(["a.yaml": sound]) { folder in
      let (status, output) = try await self.validate(
        ["-f", "\(folder)/m/none.yaml", "\(folder)/m/a.yaml"], in: folder)
      #expect(status == .exited(66))
      #expect(output.contains("none.yaml: there is no such file\n"))
      #expect(output.contains("1 object, 0 errors, 0 warnings, 0 skipped\n"))
      try FileManager.default.createDirectory(atPath: "\(folder)/empty", withIntermediateDirectories: false)
      #expect(try await self.validate(["-f", "\(folder)/empty"], in: folder).status == .exited(66))
      let large = String(repeating: "# a comment\n", count: 800_000)
      try Data(large.utf8).write(to: URL(filePath: "\(folder)/m/large.yaml"))
      let bounded = try await self.validate(["-f", "\(folder)/m/large.yaml"], in: folder)
      #expect(bounded.status == .exited(66) && bounded.output.contains("large.yaml: larger than 8388608 bytes"))
      for arguments in [[], ["-f"], ["-f", "-", "-"], ["-f", "\(folder)/m/a.yaml", "-o", "xml"]] {
        #expect(try await self.validate(arguments, in: folder).status == .exited(64), "\(arguments)")
      }
    }
  }
}
