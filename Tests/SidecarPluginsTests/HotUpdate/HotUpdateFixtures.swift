import CurlTransport
import Foundation
import HTTPTransport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubernetesModel
import ServerSupport
import Synchronization
import TestSupport
import Testing

@testable import SidecarPlugins

/// A server of patches that does what servers should not.
struct Origin: Sendable {
  let port: Int
  let asked: Mutex<[String]>.Box

  var base: String { "http://127.0.0.1:\(self.port)" }

  static func run(_ body: @escaping @Sendable (Origin) async throws -> Void) async throws {
    let asked = Mutex<[String]>.Box([])
    let router = HTTPService.router()
    router.get("ok/**") { request, _ in
      asked.value.withLock { $0.append(request.uri.path) }
      return Response.text("patch of \(request.uri.path)")
    }
    router.get("elsewhere") { _, _ in Response(status: .found, headers: [.location: "/ok/secret"]) }
    router.get("broken") { _, _ in Response.text("<html>broken</html>", status: .internalServerError) }
    router.get("endless.pak") { _, _ in Response(status: .ok, body: Self.body(pause: nil)) }
    router.get("slow.pak") { _, _ in Response(status: .ok, body: Self.body(pause: .milliseconds(50))) }
    router.get("held.pak") { _, _ in
      asked.value.withLock { $0.append("held") }
      try await eventually("the test lets go") { asked.value.withLock { $0.contains("release") } }
      return Response.text("held")
    }
    router.post("hot-update") { request, _ in
      let body = String(decoding: try await request.bytes(upTo: 1 << 16), as: UTF8.self)
      asked.value.withLock { $0.append(body) }
      return Response.text("", status: body.contains("v13") ? .conflict : .ok)
    }
    try await Self.serve(router) { try await body(Origin(port: $0, asked: asked)) }
  }

  /// Chunks without an end.
  private static func body(pause: Duration?) -> ResponseBody {
    ResponseBody { writer in
      while true {
        if let pause { try await Task.sleep(for: pause) }
        try await writer.write(ByteBuffer(repeating: 1, count: pause == nil ? 10_000 : 10))
      }
    }
  }

  static func serve(
    _ router: Router<HTTPService.Context>, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    let bound = Mutex<Int>.Box(0)
    let service = HTTPService(router, host: "127.0.0.1", port: 0, logger: .silent) { _, port in
      bound.value.withLock { $0 = port }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      try await eventually("the server listens") { bound.value.withLock { $0 } != 0 }
      try await body(bound.value.withLock { $0 })
      group.cancelAll()
    }
  }
}

extension Mutex where Value: Sendable {
  /// A mutex that can be shared.
  final class Box: Sendable {
    let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
  }
}

/// A process of a test's own that writes down the signals that it is sent.
final class Trap: Sendable {
  let marker: String
  let log: String
  private let processes: Mutex<[Process]>

  /// - Parameter count: how many processes have the marker.
  init(in folder: String, count: Int = 1) async throws {
    self.marker = "umpire-trap-\(UUID().uuidString)"
    self.log = "\(folder)/signals"
    self.processes = Mutex([])
    for _ in 0..<count { try self.start() }
    try await eventually("the traps are set") { self.lines.filter { $0 == "ready" }.count == count }
  }

  /// Starts one more process.
  func start() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let script = "trap 'echo HUP >> \(self.log)' HUP; echo ready >> \(self.log); while :; do sleep 0.02; done"
    process.arguments = ["-c", script, self.marker]
    try process.run()
    self.processes.withLock { $0.append(process) }
  }

  var pids: [Int32] { self.processes.withLock { $0.map(\.processIdentifier) } }

  var lines: [String] {
    ((try? String(contentsOfFile: self.log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  func end() {
    self.processes.withLock { processes in
      for process in processes where process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      processes = []
    }
  }

  deinit { self.end() }
}

/// A plugin that listens, and a client of it.
struct UpdateScene: Sendable {
  let plugin: HotUpdatePlugin
  let transport: CurlHTTPTransport
  let folder: String

  /// Runs a plugin with `yaml` for its configuration; the folder for patches is `folder`/patches.
  static func run(
    _ yaml: String, in folder: String, surroundings: PluginSurroundings? = nil,
    _ body: (UpdateScene) async throws -> Void
  ) async throws {
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    var surroundings = surroundings ?? PluginSurroundings.test()
    surroundings.transport = transport
    let text = "downloadFolder: \(folder)/patches\nport: 0\n\(yaml)"
    let (configuration, errors, _) = try reading(HotUpdatePlugin.self, text)
    #expect(errors.isEmpty)
    let plugin = HotUpdatePlugin(configuration, surroundings)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await plugin.run(ready: {}) }
      try await eventually("the plugin listens") { plugin.status.details["address"]?.stringValue != nil }
      try await body(UpdateScene(plugin: plugin, transport: transport, folder: "\(folder)/patches"))
      group.cancelAll()
    }
  }

  /// Orders an update by a form.
  func order(
    _ form: String, accept: String? = nil, method: HTTPRequest.Method = .post, query: String = ""
  ) async throws -> (status: Int, text: String) {
    let address = self.plugin.status.details["address"]?.stringValue ?? ""
    var fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
    fields[.accept] = accept
    let head = HTTPRequest(
      method: method, scheme: "http", authority: address, path: "/hot-update\(query)", headerFields: fields)
    let answer = try await self.transport.collect(TransportRequest(head: head, body: Array(form.utf8)))
    return (answer.head.status.code, String(decoding: answer.body, as: UTF8.self))
  }

  /// The files in the folder, unfinished ones too.
  var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: self.folder)) ?? []).sorted()
  }
}
