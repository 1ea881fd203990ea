import CarrierSDK
import CurlTransport
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Metrics
import MetricsTestKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import UmpireSidecar

/// The SDK on two free ports of the loopback, with a Server behind it that does what a test says.
struct RunningSDK: Sendable {
  let server: StubServer
  let service: SDKService
  let metrics: TestMetrics
  let grpcPort: Int
  let httpPort: Int
  /// Asks the service to stop gracefully, as SIGTERM does.
  let stop: @Sendable () async -> Void

  /// Runs the SDK while `body` runs, and waits until it has ended.
  static func run(
    _ server: StubServer = StubServer(), limits: SDKLimits = SDKLimits(),
    _ body: @Sendable (RunningSDK) async throws -> Void
  ) async throws {
    let (ports, told) = AsyncStream.makeStream(of: (SDKService.Interface, Int).self)
    let metrics = TestMetrics()
    let service = SDKService(
      server: server, hosts: ["127.0.0.1"], grpcPort: 0, httpPort: 0, limits: limits, metricsFactory: metrics,
      logger: .silent
    ) { interface, _, port in told.yield((interface, port)) }
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)], logger: .silent))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      defer { tasks.cancelAll() }
      var found: [SDKService.Interface: Int] = [:]
      for await (interface, port) in ports {
        found[interface] = port
        if found.count == 2 { break }
      }
      let running = RunningSDK(
        server: server, service: service, metrics: metrics, grpcPort: found[.grpc] ?? 0, httpPort: found[.http] ?? 0
      ) { await group.triggerGracefulShutdown() }
      try await body(running)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  /// How many watch, as it is measured.
  var measuredWatchers: Double? {
    get throws { try self.metrics.expectGauge("umpire_sidecar_watchers").lastValue }
  }

  /// Calls over gRPC while `body` runs, on one connection.
  func withGRPC<Result: Sendable>(_ body: @Sendable (SDKClient) async throws -> Result) async throws -> Result {
    try await withGRPCClient(
      transport: try HTTP2ClientTransport.Posix(
        target: .ipv4(address: "127.0.0.1", port: self.grpcPort), transportSecurity: .plaintext)
    ) { try await body(SDKClient(client: $0)) }
  }

  /// Asks over HTTP.
  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8] = []
  ) async throws -> (head: HTTPResponse, body: JSONValue) {
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let head = HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:\(self.httpPort)", path: path)
    let answer = try await transport.collect(TransportRequest(head: head, body: body))
    return (answer.head, answer.body.isEmpty ? .null : try JSONValue(parsing: answer.body))
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, text: String
  ) async throws -> (head: HTTPResponse, body: JSONValue) {
    try await self.send(method, path, Array(text.utf8))
  }
}

/// A client over gRPC.
struct SDKClient: Sendable {
  let client: GRPCClient<HTTP2ClientTransport.Posix>

  func get(timeout: Duration? = nil) async throws -> Carrier_Dev_Sdk_GameServer {
    var options = CallOptions.defaults
    options.timeout = timeout
    return try await self.client.unary(
      request: ClientRequest(message: Carrier_Dev_Sdk_Empty()),
      descriptor: Carrier_Dev_Sdk_SDK.Method.GetGameServer.descriptor,
      serializer: ProtobufSerializer<Carrier_Dev_Sdk_Empty>(),
      deserializer: ProtobufDeserializer<Carrier_Dev_Sdk_GameServer>(), options: options
    ) { try $0.message }
  }

  func set(_ field: SDKField, _ key: String, _ value: String, timeout: Duration? = nil) async throws {
    var pair = Carrier_Dev_Sdk_KeyValue()
    pair.key = key
    pair.value = value
    var options = CallOptions.defaults
    options.timeout = timeout
    try await self.client.unary(
      request: ClientRequest(message: pair), descriptor: field.method,
      serializer: ProtobufSerializer<Carrier_Dev_Sdk_KeyValue>(),
      deserializer: ProtobufDeserializer<Carrier_Dev_Sdk_Empty>(), options: options
    ) { _ = try $0.message }
  }

  /// Watches until `isEnough` says so or the stream ends, and then leaves.
  func watch(
    metadata: Metadata = [:], _ isEnough: @escaping @Sendable (Carrier_Dev_Sdk_GameServer) async throws -> Bool
  ) async throws {
    try await self.client.serverStreaming(
      request: ClientRequest(message: Carrier_Dev_Sdk_Empty(), metadata: metadata),
      descriptor: Carrier_Dev_Sdk_SDK.Method.WatchGameServer.descriptor,
      serializer: ProtobufSerializer<Carrier_Dev_Sdk_Empty>(),
      deserializer: ProtobufDeserializer<Carrier_Dev_Sdk_GameServer>(), options: .defaults
    ) { response in
      for try await state in response.messages where try await isEnough(state) { return }
    }
  }
}
