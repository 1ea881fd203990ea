import FoundationEssentials
import LibcurlLoop

/// Reviews through libcurl and nothing else.
enum BareLoop {
  struct Turn {
    var rate: Double
    var cpuMicroseconds: Double
  }

  static func turn(_ server: ReviewServer, reviews: Int, connections: Int) throws -> Turn {
    let result = libcurl_loop_run(
      server.url, server.authority?.file, ReviewServer.review, UInt64(reviews), UInt64(connections))
    guard result.failures == 0, result.elapsed_nanoseconds > 0 else {
      throw BenchmarkError(description: "\(result.failures) reviews through libcurl alone had no answer")
    }
    let count = Double(reviews)
    return Turn(
      rate: count / Double(result.elapsed_nanoseconds) * 1e9,
      cpuMicroseconds: Double(result.cpu_nanoseconds) / 1e3 / count)
  }
}

/// wrk with one thread, as the exchange has one.
enum WrkProcess {
  static let path = "/usr/bin/wrk"
  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: Self.path) }

  /// Reviews in a second, over one second.
  static func rate(_ server: ReviewServer, connections: Int, folder: String) throws -> Double {
    let script = "\(folder)/wrk.lua"
    let text = """
      wrk.method = "POST"
      wrk.body = '\(ReviewServer.review)'
      wrk.headers["Content-Type"] = "application/json"
      """
    try Data(text.utf8).write(to: URL(filePath: script))
    let child = try ChildProcess(
      .installed(path: Self.path),
      ["--threads", "1", "--connections", "\(connections)", "--duration", "1s", "--script", script, server.url])
    defer { child.end() }
    let output = child.everything()
    let line = output.split(separator: "\n").first { $0.hasPrefix("Requests/sec:") }
    guard let rate = line?.split(separator: " ").last.flatMap({ Double($0) }), rate > 0,
      !output.contains("Non-2xx")
    else { throw BenchmarkError(description: "wrk has no figure: \(output)") }
    return rate
  }
}
