import Foundation
import HTTPTypes
import KubernetesModel
import Synchronization
import TestSupport
import Testing

@testable import SidecarPlugins

/// What goes wrong with an update, with a real server of patches and real processes.
@Suite(.timeLimit(.minutes(2)))
struct HotUpdateFaultTests {
  /// One row of the table: what is ordered, and what comes of it.
  struct Row: Sendable {
    var name: String
    var form: String
    var status: Int
    var text: String
  }

  private static func rows(_ base: String) -> [Row] {
    let bad = "please provide a valid URL"
    let failed = "failed to download file: "
    let digest = String(repeating: "0", count: 64)
    return [
      Row(name: "no version", form: "url=\(base)/ok/a", status: 400, text: "please provide a valid version"),
      Row(
        name: "version 1.2", form: "version=1.2&url=\(base)/ok/a", status: 400, text: "please provide a valid version"),
      Row(name: "no URL", form: "version=v1", status: 400, text: bad),
      Row(name: "file: URL", form: "version=v1&url=file:///etc/passwd", status: 400, text: bad),
      Row(name: "path ends in /", form: "version=v1&url=\(base)/ok/", status: 400, text: bad),
      Row(name: "no path", form: "version=v1&url=\(base)", status: 400, text: bad),
      Row(name: "..%2f", form: "version=v1&url=\(base)/ok/..%252fescaped", status: 400, text: bad),
      Row(name: "%2e%2e", form: "version=v1&url=\(base)/ok/%252e%252e", status: 400, text: bad),
      Row(name: "/../", form: "version=v1&url=\(base)/ok/../ok/a", status: 400, text: bad),
      Row(name: "%00", form: "version=v1&url=\(base)/ok/a%2500b", status: 400, text: bad),
      Row(name: "%5c", form: "version=v1&url=\(base)/ok/a%255cb", status: 400, text: bad),
      Row(
        name: "name of 256 bytes", form: "version=v1&url=\(base)/ok/\(String(repeating: "a", count: 256))", status: 400,
        text: bad),
      Row(name: "disallowed host", form: "version=v1&url=http://localhost/ok/a", status: 400, text: bad),
      Row(name: "disallowed path", form: "version=v1&url=\(base)/okay/a", status: 400, text: bad),
      Row(
        name: "sha256 of 3 digits", form: "version=v1&url=\(base)/ok/a&sha256=abc", status: 400,
        text: "please provide a valid SHA-256"),
      Row(
        name: "404", form: "version=v1&url=\(base)/missing.pak", status: 500,
        text: failed + "the answer's status is 404, not 200"),
      Row(
        name: "500", form: "version=v1&url=\(base)/broken", status: 500,
        text: failed + "the answer's status is 500, not 200"),
      Row(
        name: "redirect", form: "version=v1&url=\(base)/elsewhere", status: 500,
        text: failed + "the answer's status is 302, not 200; redirects are not followed"),
      Row(
        name: "endless body", form: "version=v1&url=\(base)/endless.pak", status: 500,
        text: failed + "the file is larger than 100000 bytes"),
      Row(name: "slow body", form: "version=v1&url=\(base)/slow.pak", status: 500, text: failed),
      Row(
        name: "wrong checksum", form: "version=v1&url=\(base)/ok/a&sha256=\(digest)", status: 500,
        text: failed + "the file's SHA-256 is "),
    ]
  }

  @Test func everyFaultIsAnsweredAndLeavesTheFolderAsItWas() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let trap = try await Trap(in: folder)
        defer { trap.end() }
        let prefixes = ["ok", "missing.pak", "broken", "elsewhere", "endless.pak", "slow.pak"].map {
          "'\(origin.base)/\($0)'"
        }
        let yaml = """
          loadPatchType: signal
          signal: {signalName: SIGHUP, processName: \(trap.marker)}
          timeoutSeconds: 1
          maximumBytes: 100000
          allowedURLPrefixes: [\(prefixes.joined(separator: ", "))]
          """
        try FileManager.default.createDirectory(atPath: "\(folder)/patches", withIntermediateDirectories: true)
        try put("left over", at: "\(folder)/patches/.umpire-update-1.part")
        try put("the patch before", at: "\(folder)/patches/a")
        try await UpdateScene.run(yaml, in: folder) { scene in
          #expect(scene.files == ["a"])
          for row in Self.rows(origin.base) {
            let answer = try await scene.order(row.form)
            #expect(answer.status == row.status, "\(row.name)")
            #expect(
              row.status == 500 ? answer.text.hasPrefix(row.text) : answer.text == row.text,
              "\(row.name): \(answer.text)")
            #expect(scene.files == ["a"], "\(row.name)")
            print(
              "| \(row.name) | \(answer.status) | \(answer.text.replacing(origin.base, with: "http://origin").prefix(110)) |"
            )
          }
          #expect(try String(contentsOfFile: "\(scene.folder)/a", encoding: .utf8) == "the patch before")
          for method in [.get, .put, .delete, .patch] as [HTTPRequest.Method] {
            let answer = try await scene.order("", method: method)
            #expect(answer.status == 405)
            #expect(answer.text == "only POST requests are allowed")
          }
          #expect(trap.lines == ["ready"])
          // After all that it works.
          let answer = try await scene.order("version=v1.2.3.4&url=\(origin.base)/ok/a")
          #expect(answer.status == 200)
          #expect(answer.text == "File downloaded and update successfully")
          try await eventually("the signal has come") { trap.lines == ["ready", "HUP"] }
          #expect(try String(contentsOfFile: "\(scene.folder)/a", encoding: .utf8) == "patch of /ok/a")
        }
      }
    }
  }

  @Test func noProcessAndSeveralAreFaultsThatNameThem() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let trap = try await Trap(in: folder, count: 2)
        defer { trap.end() }
        let signal = { (name: String, all: Bool) in
          "loadPatchType: signal\nsignal: {signalName: hup, processName: '\(name)', all: \(all)}"
        }
        let form = "version=v2&url=\(origin.base)/ok/b.pak"
        try await UpdateScene.run(signal("nobody-has-this-name", false), in: folder) { scene in
          let answer = try await scene.order(form)
          #expect(answer.status == 500)
          #expect(answer.text.hasPrefix("failed to load hot update file: no process is named 'nobody-has-this-name'"))
          print("| no such process | \(answer.status) | \(answer.text) |")
        }
        try await UpdateScene.run(signal(trap.marker, false), in: folder) { scene in
          let answer = try await scene.order(form, accept: "application/json")
          #expect(answer.status == 500)
          let json = try JSONValue(parsing: Array(answer.text.utf8))
          #expect(json["processes"]?.arrayValue?.count == 2)
          #expect(json["phase"] == "load")
          #expect(json["status"] == "failure")
          #expect(json["file"]?.stringValue == "\(scene.folder)/b.pak")
          for pid in trap.pids { #expect(json["message"]?.stringValue?.contains(String(pid)) == true) }
          #expect(trap.lines == ["ready", "ready"])
          print(
            "| two such processes | \(answer.status) | \((json["message"]?.stringValue ?? "").replacing(trap.marker, with: "GAME")) |"
          )
        }
        try await UpdateScene.run(signal(trap.marker, true), in: folder) { scene in
          let answer = try await scene.order(form, accept: "application/json")
          #expect(answer.status == 200)
          try await eventually("both signals have come") { trap.lines.filter { $0 == "HUP" }.count == 2 }
        }
      }
    }
  }

  @Test func aRequestTellsTheGameAndItsRefusalIsAFailure() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let yaml = "loadPatchType: request\nrequest: {address: 127.0.0.1, port: \(origin.port)}"
        try await UpdateScene.run(yaml, in: folder) { scene in
          let answer = try await scene.order("", query: "?version=v12&url=\(origin.base)/ok/c.pak")
          #expect(answer.status == 200)
          let sent = try JSONValue(parsing: Array((origin.asked.value.withLock { $0.last } ?? "").utf8))
          #expect(sent["version"] == "v12")
          #expect(sent["file"]?.stringValue == "\(scene.folder)/c.pak")
          #expect(sent["url"]?.stringValue == "\(origin.base)/ok/c.pak")
          let refused = try await scene.order("version=v13&url=\(origin.base)/ok/c.pak")
          #expect(refused.status == 500)
          #expect(refused.text.hasPrefix("failed to load hot update file: the game at http://127.0.0.1"))
          print("| the game refuses the request | \(refused.status) | \(refused.text.prefix(100)) |")
          #expect(scene.plugin.status.details["last"]?["status"] == "failure")
          #expect(scene.plugin.status.details["loadedVersion"] == "v12")
        }
      }
    }
  }

  @Test func oneUpdateIsCarriedOutAtATime() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let yaml = "loadPatchType: request\nrequest: {address: 127.0.0.1, port: \(origin.port)}"
        try await UpdateScene.run(yaml, in: folder) { scene in
          async let first = scene.order("version=v1&url=\(origin.base)/held.pak")
          try await eventually("the first is under way") { origin.asked.value.withLock { $0 } == ["held"] }
          let second = try await scene.order("version=v2&url=\(origin.base)/ok/a")
          #expect(second.status == 503)
          #expect(second.text == "another update is being carried out")
          print("| a second update meanwhile | \(second.status) | \(second.text) |")
          origin.asked.value.withLock { $0.append("release") }
          #expect(try await first.status == 200)
          #expect(try await scene.order("version=v2&url=\(origin.base)/ok/a").status == 200)
        }
      }
    }
  }

  @Test func aTakenPortIsNamed() async throws {
    try await withFolder { folder in
      let yaml = "loadPatchType: request\nrequest: {address: 127.0.0.1, port: 1}"
      try await UpdateScene.run(yaml, in: folder) { scene in
        let port = scene.plugin.status.details["address"]?.stringValue?.split(separator: ":").last ?? ""
        let (configuration, _, _) = try reading(
          HotUpdatePlugin.self, "\(yaml)\nport: \(port)\ndownloadFolder: \(folder)/other")
        let second = HotUpdatePlugin(configuration, .test())
        do {
          try await second.run(ready: {})
          Issue.record("it listens")
        } catch {
          #expect("\(error)" == "127.0.0.1:\(port) is already in use")
          print("| a port that is taken | – | \("\(error)".replacing(port, with: "PORT")) |")
        }
      }
    }
  }
}
