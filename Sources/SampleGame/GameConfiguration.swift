import HTTPTransport

/// What the environment says.
package struct GameConfiguration: Sendable, Hashable {
  /// The address to listen on: `UMPIRE_BIND_ADDRESS`, else `*`, every IPv4 and IPv6 address.
  package var host: String
  /// The port to listen on: `GAME_PORT`, else 7777.
  package var port: Int
  /// What `STATUS` tells: `GAME_VERSION`, else `v1`.
  package var version: String
  /// Where the sidecar is: `POD_IP` (else 127.0.0.1) and `UMPIRE_SIDECAR_PORT` (else 8080).
  package var sidecar: String
  /// Time between two questions to it: `GAME_POLL_MILLISECONDS`, else 500.
  package var interval: Duration

  /// Reads the environment.
  ///
  /// - Throws: ``Invalid`` with the variable's name.
  package init(environment: [String: String]) throws(Invalid) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    func number(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(Invalid) -> Int {
      guard let text = value(name) else { return fallback }
      guard let number = Int(text), range.contains(number) else {
        throw Invalid(description: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    self.host = value("UMPIRE_BIND_ADDRESS") ?? "*"
    self.port = try number("GAME_PORT", in: 0...65535, default: 7777)
    self.version = value("GAME_VERSION") ?? "v1"
    guard !self.version.contains(where: { $0.isWhitespace }) else {
      throw Invalid(description: "GAME_VERSION must hold no space")
    }
    let sidecarPort = try number("UMPIRE_SIDECAR_PORT", in: 1...65535, default: 8080)
    self.sidecar = "\(HostPort(host: value("POD_IP") ?? "127.0.0.1", port: sidecarPort))"
    self.interval = .milliseconds(try number("GAME_POLL_MILLISECONDS", in: 10...60_000, default: 500))
  }

  /// A variable that cannot be used.
  package struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
    /// The variable and what it must be.
    package var description: String
  }
}
