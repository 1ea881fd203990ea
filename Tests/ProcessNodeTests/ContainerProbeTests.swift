import Glibc
import KubernetesModel
import Testing

@testable import ProcessNode

struct ContainerProbeTests {
  static func container(_ probe: JSONValue) -> Container {
    var container = Container(name: "main", image: "game")
    container.ports = [ContainerPort(name: "web", containerPort: 8080)]
    container.fields["readinessProbe"] = probe
    return container
  }

  private func probe(_ json: JSONValue) -> ContainerProbe? {
    ContainerProbe("readinessProbe", of: Self.container(json))
  }

  @Test func readsAProbeAndItsStandards() throws {
    let probe = try #require(self.probe(["httpGet": ["path": "health", "port": "web"]]))
    #expect(probe.question == .http(path: "/health", fields: []))
    #expect(probe.port == 8080)
    #expect(probe.period == .seconds(10))
    #expect(probe.timeout == .seconds(1))
    #expect(probe.successThreshold == 1)
    #expect(probe.failureThreshold == 3)
    #expect(self.probe(["tcpSocket": ["port": 99]])?.question == .connect)
    #expect(self.probe(["httpGet": ["port": 1, "scheme": "HTTPS"]])?.question == .connect)
  }

  @Test(
    arguments: [
      ["exec": ["command": ["true"]]], ["tcpSocket": ["port": 70_000]], ["tcpSocket": ["port": "unknown"]], [:],
      ["httpGet": ["port": 1, "path": "/\r\nX: y"]],
    ] as [JSONValue])
  func whatCannotBeAskedIsNoProbe(json: JSONValue) {
    #expect(self.probe(json) == nil)
  }

  @Test func thresholdsTurnAVerdict() throws {
    let probe = try #require(
      self.probe(["tcpSocket": ["port": 1], "successThreshold": 2, "failureThreshold": 2]))
    var verdict = ProbeVerdict()
    let answers = [true, false, true, true, false, true, false, false, false]
    #expect(
      answers.map { verdict.record($0, of: probe) } == [false, false, false, true, false, false, false, true, false])
    #expect(!verdict.isPositive)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK", 200), ("HTTP/1.0 404", 404), ("SSH-2.0 200", nil), ("HTTP/1.1", nil), ("", nil),
  ])
  func readsAStatusLine(line: String, status: Int?) {
    #expect(ContainerProbe.status(of: Array(line.utf8)) == status)
  }

  @Test func asksARealServer() async throws {
    let server = try OneLineServer(address: "127.81.0.1")
    defer { server.close() }
    let port = JSONValue.integer(Int64(server.port))
    let get = try #require(self.probe(["httpGet": ["path": "/health", "port": port]]))
    #expect(await get.ask(at: "127.81.0.2") == false)
    async let good = get.ask(at: "127.81.0.1")
    server.answer("HTTP/1.1 204 No Content\r\n\r\n")
    #expect(await good)
    async let bad = get.ask(at: "127.81.0.1")
    server.answer("HTTP/1.1 503 Service Unavailable\r\n\r\n")
    #expect(await bad == false)
    let connect = try #require(self.probe(["tcpSocket": ["port": port]]))
    #expect(await connect.ask(at: "127.81.0.1"))
    #expect(await connect.ask(at: "not an address") == false)
  }
}

/// Listens on a port of its own, and answers one connection at a time.
struct OneLineServer {
  let port: UInt16
  private let descriptor: Int32

  init(address: String) throws {
    self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var local = sockaddr_in()
    local.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, address, &local.sin_addr)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = self.descriptor
    let isUp = withUnsafeMutablePointer(to: &local) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    self.port = UInt16(bigEndian: local.sin_port)
    try #require(isUp)
  }

  func answer(_ text: String) {
    let connection = accept(self.descriptor, nil, nil)
    var request = [UInt8](repeating: 0, count: 1_024)
    _ = recv(connection, &request, request.count, 0)
    _ = send(connection, text, text.utf8.count, 0)
    Glibc.close(connection)
  }

  func close() { Glibc.close(self.descriptor) }
}
