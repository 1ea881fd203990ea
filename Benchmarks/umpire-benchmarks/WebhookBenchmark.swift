import Cryptography
import CurlTransport
import FoundationEssentials
import Glibc
import UmpireModel

/// Reviews by the reference webhook server in a process of its own, beside what a bare loop over libcurl and what wrk get
/// out of the same server.
///
/// The three take turns, and of each the best turn counts: on a machine that others use too, that is the one that was
/// disturbed least.
enum WebhookBenchmark {
  private static let concurrencies = [1, 64, 1024]
  private static let turns = 5

  static func run(_ scale: Scale) async throws -> [Figure] {
    let folder = FileManager.default.temporaryDirectory.path + "/umpire-benchmark-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    // A folder that is left behind in the temporary directory harms nobody.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    if !WrkProcess.isInstalled { print("  \(WrkProcess.path) is not installed: there is nothing to compare with") }
    var figures: [Figure] = []
    for isSecure in [false, true] {
      let server = try ReviewServer(isSecure: isSecure, folder: folder)
      defer { server.end() }
      for concurrency in Self.concurrencies {
        figures += try await Self.measure(server, concurrency, reviews: scale.reviews / Self.turns, folder: folder)
      }
    }
    return figures
  }

  private static func measure(
    _ server: ReviewServer, _ concurrency: Int, reviews: Int, folder: String
  ) async throws -> [Figure] {
    let load = try ReviewLoad(server, concurrency: concurrency)
    defer { load.end() }
    // As many connections as the exchange allows itself for one endpoint.
    let connections = min(concurrency, ReviewLoad.mostConnections)
    try await load.warmUp()
    var turns: [(own: ReviewLoad.Turn, bare: BareLoop.Turn, wrk: Double?)] = []
    for _ in 0..<Self.turns {
      turns.append(
        (
          try await load.turn(reviews), try BareLoop.turn(server, reviews: reviews, connections: connections),
          try WrkProcess.isInstalled ? WrkProcess.rate(server, connections: connections, folder: folder) : nil
        ))
    }
    let name = "webhook.\(server.isSecure ? "tls" : "plain").\(concurrency)"
    func best(_ values: [Double]) -> Double { values.min() ?? 0 }
    let rate = turns.map(\.own.rate).max() ?? 0
    let cpu = best(turns.map(\.own.cpuMicroseconds))
    let bare = best(turns.map(\.bare.cpuMicroseconds))
    var figures = [
      Figure(name: "\(name).rate", value: rate, unit: "reviews/s"),
      Figure(name: "\(name).cpu", value: cpu, unit: "us/review"),
      Figure(name: "\(name).bare", value: bare, unit: "us/review"),
      Figure(name: "\(name).overhead", value: cpu / bare, unit: "of bare"),
      Figure(name: "\(name).allocations", value: best(turns.map(\.own.allocations)), unit: "allocations/review"),
      Figure(name: "\(name).p50", value: best(turns.map { $0.own.latencies.percentile(0.5) }), unit: "ms"),
      Figure(name: "\(name).p99", value: best(turns.map { $0.own.latencies.percentile(0.99) }), unit: "ms"),
      Figure(name: "\(name).connections", value: Double(load.connectionsOpened), unit: "connections"),
    ]
    if let wrk = turns.compactMap(\.wrk).max() {
      figures += [
        Figure(name: "\(name).wrk", value: wrk, unit: "reviews/s"),
        Figure(name: "\(name).ratio", value: rate / wrk, unit: "of wrk"),
      ]
      let bareRate = turns.map(\.bare.rate).max() ?? 0
      figures.append(Figure(name: "\(name).bareratio", value: bareRate / wrk, unit: "of wrk"))
    }
    return figures
  }
}

/// The reference webhook server.
struct ReviewServer {
  let isSecure: Bool
  let address: String
  /// The authority of its certificate, PEM, and the file that has it.
  let authority: (bytes: [UInt8], file: String)?
  private let process: ChildProcess

  init(isSecure: Bool, folder: String) throws {
    self.isSecure = isSecure
    var arguments = ["--port", "0", "--log-level", "info"]
    if isSecure {
      let validity = Date.now.addingTimeInterval(-60)...Date.now.addingTimeInterval(3600)
      let authority = try CertificateAuthority(commonName: "umpire-benchmarks", validity: validity)
      let issued = try authority.issue(
        commonName: "umpire-webhook", names: [AlternativeName(host: "127.0.0.1")], validity: validity)
      let bytes = try authority.certificate.pem()
      let files = ["ca.pem": bytes, "tls.crt": try issued.certificate.pem(), "tls.key": issued.key.pem]
      for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)")) }
      arguments += ["--tls-certificate", "\(folder)/tls.crt", "--tls-key", "\(folder)/tls.key"]
      self.authority = (bytes, "\(folder)/ca.pem")
    } else {
      self.authority = nil
    }
    self.process = try ChildProcess(.neighbour("umpire-webhook"), arguments, reading: STDERR_FILENO)
    let line = try self.process.firstLine(within: 15)
    guard let start = line.firstRange(of: "127.0.0.1:") else {
      self.process.end()
      throw BenchmarkError(description: "umpire-webhook does not say where it listens: \(line)")
    }
    self.address = "127.0.0.1:" + line[start.upperBound...].prefix { $0.isNumber }
  }

  /// Where it answers when a Server is ready.
  var url: String { "\(self.isSecure ? "https" : "http")://\(self.address)/ready" }

  /// A review as others than us send it.
  static let review =
    #"{"request":{"name":"load-0","namespace":"default","type":"ReadinessWebhook","uid":"0-0"},"response":null}"#

  func end() { self.process.end() }
}
