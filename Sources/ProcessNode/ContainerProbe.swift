package import KubernetesModel

/// A question to a container that says whether it has started, or whether it is ready.
///
/// `httpGet` and `tcpSocket` are asked; other kinds are taken as answered with yes. https is only connected to, as its
/// certificates are for the Pod's clients, not for its node.
package struct ContainerProbe: Sendable, Hashable {
  /// What is asked.
  package enum Question: Sendable, Hashable {
    /// A GET that must be answered with a status from 200 to 399.
    case http(path: String, fields: [String])
    /// A connection that must be taken.
    case connect
  }

  /// What is asked.
  package var question: Question
  /// The address to ask at; the Pod's own if nil.
  package var host: String?
  /// The port to ask at.
  package var port: UInt16
  /// How long after the start the first question comes.
  package var initialDelay: Duration
  /// The time from one question to the next.
  package var period: Duration
  /// How long an answer may take.
  package var timeout: Duration
  /// How many answers in a row make a yes of a no.
  package var successThreshold: Int
  /// How many failures in a row make a no of a yes.
  package var failureThreshold: Int

  /// Reads a probe of a container; nil if it has none of that kind, or one that cannot be asked.
  ///
  /// - Parameter field: `startupProbe` or `readinessProbe`.
  package init?(_ field: String, of container: Container) {
    guard let probe = container.fields[field] else { return nil }
    self.init(probe, of: container)
  }

  /// Reads a probe, or the handler of a hook, which has the same form; nil if it cannot be asked.
  init?(_ probe: JSONValue, of container: Container) {
    let port: JSONValue?
    if let get = probe["httpGet"] {
      let fields = (get["httpHeaders"]?.arrayValue ?? []).compactMap { header -> String? in
        guard let name = header["name"]?.stringValue, let value = header["value"]?.stringValue else { return nil }
        return "\(name): \(value)"
      }
      let path = get["path"]?.stringValue ?? "/"
      let isPlain = get["scheme"]?.stringValue.map { $0.uppercased() == "HTTP" } ?? true
      // A line break in a path or a field would end the request's head early.
      let isSound = (fields + [path]).allSatisfy { !$0.utf8.contains { $0 == 0x0A || $0 == 0x0D } }
      guard isSound else { return nil }
      self.question = isPlain ? .http(path: path.hasPrefix("/") ? path : "/" + path, fields: fields) : .connect
      self.host = get["host"]?.stringValue
      port = get["port"]
    } else if let socket = probe["tcpSocket"] {
      self.question = .connect
      self.host = socket["host"]?.stringValue
      port = socket["port"]
    } else {
      return nil
    }
    guard let number = Self.number(port, in: container) else { return nil }
    self.port = number
    func seconds(_ name: String, _ standard: Int64, least: Int64) -> Duration {
      .seconds(min(max(probe[name]?.integerValue ?? standard, least), 86_400))
    }
    func count(_ name: String, _ standard: Int64) -> Int {
      Int(min(max(probe[name]?.integerValue ?? standard, 1), 1_000_000))
    }
    self.initialDelay = seconds("initialDelaySeconds", 0, least: 0)
    self.period = seconds("periodSeconds", 10, least: 1)
    self.timeout = seconds("timeoutSeconds", 1, least: 1)
    self.successThreshold = count("successThreshold", 1)
    self.failureThreshold = count("failureThreshold", 3)
  }

  /// A port's number, given as such or by the name of a port of the container.
  private static func number(_ port: JSONValue?, in container: Container) -> UInt16? {
    if let number = port?.integerValue { return UInt16(exactly: number) }
    guard let name = port?.stringValue else { return nil }
    let named = container.ports.first { $0.name == name }?.containerPort
    return named.flatMap(UInt16.init(exactly:)) ?? UInt16(name)
  }
}

/// What the answers to a probe add up to, as a value.
package struct ProbeVerdict: Sendable, Hashable {
  /// Whether the last word was yes.
  package private(set) var isPositive = false
  private var streak = 0

  /// Creates a verdict that is no until enough answers say yes.
  package init() {}

  /// Takes note of an answer.
  ///
  /// - Returns: Whether it has turned the verdict.
  package mutating func record(_ answer: Bool, of probe: ContainerProbe) -> Bool {
    guard answer != self.isPositive else {
      self.streak = 0
      return false
    }
    self.streak += 1
    guard self.streak >= (answer ? probe.successThreshold : probe.failureThreshold) else { return false }
    self.isPositive = answer
    self.streak = 0
    return true
  }
}
