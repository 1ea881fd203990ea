import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import HTTPTypes

/// `umpire-controller` in a process of its own, with what the kernel and its own metrics tell of it.
struct ControllerProcess: Sendable {
  /// What it has used and asked so far.
  struct Reading: Sendable {
    var cpu: Duration
    /// MiB.
    var anonymousMemory: Double
    /// Requests to the API server, watches included.
    var requests: Double
    /// Of these, those that write.
    var writes: Double
    /// Of all, those that were answered with 409.
    var conflicts: Double
  }

  let identifier: pid_t
  private let metrics: TransportRequest
  private let transport: CurlHTTPTransport

  /// Runs `body` beside a controller for one namespace.
  static func run<Result>(
    kubeconfig: String, namespace: String, _ body: (ControllerProcess) async throws -> Result
  ) async throws -> Result {
    let port = try FreePort.find()
    let child = try ChildProcess(
      .neighbour("umpire-controller"),
      [
        "--kubeconfig", kubeconfig, "--namespace", namespace, "--health-host", "127.0.0.1", "--health-port", "\(port)",
        "--log-level", "error",
      ])
    defer { child.end() }
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let request = { (path: String) in
      TransportRequest(
        head: HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(port)", path: path), body: [],
        limits: .init(connect: .seconds(2), total: .seconds(10), responseBytes: 4 << 20))
    }
    let process = ControllerProcess(identifier: child.identifier, metrics: request("/metrics"), transport: transport)
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      // Nobody listens at first.
      if let answer = try? await transport.collect(request("/readyz")), answer.head.status == .ok { break }
      guard ContinuousClock.now < deadline else {
        throw BenchmarkError(description: "umpire-controller does not become ready")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    return try await body(process)
  }

  func reading() async throws -> Reading {
    let answer = try await self.transport.collect(self.metrics)
    var reading = Reading(
      cpu: try ThisProcess.cpuTime(of: self.identifier),
      anonymousMemory: try ProcessMemory(of: self.identifier).anonymous, requests: 0, writes: 0, conflicts: 0)
    for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
    where line.hasPrefix("rest_client_requests_total{") {
      guard let count = line.split(separator: " ").last.flatMap({ Double($0) }) else { continue }
      reading.requests += count
      if !line.contains("method=\"GET\"") { reading.writes += count }
      if line.contains("code=\"409\"") { reading.conflicts += count }
    }
    return reading
  }
}

/// A port of the loopback address that nobody listens on.
enum FreePort {
  static func find() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    guard status else { throw BenchmarkError(description: "no port is to be had") }
    return UInt16(bigEndian: address.sin_port)
  }
}
