import APIServer
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import UmpireLocal

/// The API server in process, and everything that was written to it.
final class SimulatedCluster: Sendable {
  /// What a write left behind.
  struct Event: Sendable {
    /// The kind's plural name.
    var resource: String
    var key: ObjectKey
    /// The object as it is since; nil if it is gone.
    var object: JSONValue?
  }

  private struct State {
    var eventCount = 0
    /// The objects without what is refreshed though nothing happens.
    var known: [String: JSONValue] = [:]
    var lastChange = Duration.zero
    var observe: @Sendable (Event) -> Void = { _ in }
  }

  let server: EmbeddedAPIServer
  let thread: SerialThread
  let time: SimulatedTime
  let trace: SimulationTrace
  private let state = Mutex(State())

  init(time: SimulatedTime, thread: SerialThread, trace: SimulationTrace) throws {
    self.time = time
    self.trace = trace
    self.thread = thread
    var configuration = EmbeddedAPIServer.Configuration(storage: .memory)
    configuration.now = { time.now }
    // Servers name the account of their sidecars, which no scenario is about.
    configuration.admitsUnknownServiceAccounts = true
    // The uid decides when a webhook is first asked.
    let lastNumber = Mutex(0)
    configuration.uid = {
      let number = lastNumber.withLock { number in
        number += 1
        return number
      }
      let digits = String(number, radix: 16)
      return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
    self.server = try EmbeddedAPIServer.open(configuration)
  }

  /// A client that nothing goes wrong for.
  var outside: APIClient {
    APIClient(
      transport: RecordingTransport(cluster: self, gate: nil), configuration: .inProcess, fieldManager: "outside")
  }

  /// Installs Umpire's kinds.
  func install() async throws {
    try await ManifestApplier(client: self.outside).apply(try LocalCluster.customResourceDefinitions())
  }

  func close() { self.server.close() }

  /// Has `observe` told of every event from here on.
  func observe(_ observe: @escaping @Sendable (Event) -> Void) { self.state.withLock { $0.observe = observe } }

  /// How many events there have been.
  var eventCount: Int { self.state.withLock { $0.eventCount } }

  /// When something changed last, other than the times at which somebody has looked.
  var lastChange: Duration { self.state.withLock { $0.lastChange } }

  /// Notes what a request that was granted has left behind.
  func note(_ request: TransportRequest, _ answer: CollectedResponse) async throws {
    // Events are told and change nothing.
    guard let target = RequestTarget(request), target.resource != "events" else { return }
    // A created object has its name in the answer.
    guard let name = try target.name ?? JSONValue(parsing: answer.body)["metadata"]?["name"]?.stringValue else {
      return
    }
    let head = HTTPRequest(method: .get, scheme: "http", authority: "in-process", path: target.path(name))
    let found = try await self.server.collect(TransportRequest(head: head))
    let object: JSONValue? = found.head.status == .ok ? try JSONValue(parsing: found.body) : nil
    let event = Event(resource: target.resource, key: target.key(name), object: object)
    let place = "\(target.resource) \(event.key)"
    let content = object.map { Self.content(of: $0, target.resource) }
    let now = self.time.elapsed
    let observe = self.state.withLock { state in
      state.eventCount += 1
      if state.known[place] != content { state.lastChange = now }
      state.known[place] = content
      return state.observe
    }
    observe(event)
  }

  /// An object without versions, and without what is written anew each minute to show that somebody still looks.
  private static func content(of object: JSONValue, _ resource: String) -> JSONValue {
    var object = object
    object["metadata"]?["resourceVersion"] = nil
    object["metadata"]?["managedFields"] = nil
    if resource == "gameautoscalers" || resource == "webhookconfigurations" { object["status"] = nil }
    if let conditions = object["status"]?["conditions"]?.arrayValue {
      object["status"]?["conditions"] = .array(
        conditions.map { (condition: JSONValue) -> JSONValue in
          var condition = condition
          condition["lastProbeTime"] = nil
          return condition
        })
    }
    return object
  }
}
