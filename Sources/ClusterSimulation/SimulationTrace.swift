import HTTPTransport
import HTTPTypes
import KubernetesModel
import StableHash
import Synchronization

/// What happens in a run, in order: which task came next out of how many, which request was made when, and the answer.
///
/// Two traces of one run are equal to the last bit. Where they are not, the first line that differs tells what chance
/// got in.
package final class SimulationTrace: Sendable {
  private struct State {
    /// All of it.
    var digest = FNV1a<UInt64>()
    var lines: [String] = []
  }

  private let state = Mutex(State())
  let keepsLines: Bool

  /// - Parameter keepsLines: whether it can be read afterwards, which takes memory and time.
  package init(keepsLines: Bool = false) { self.keepsLines = keepsLines }

  /// All of it as one number.
  package var digest: UInt64 { self.state.withLock { $0.digest.value } }

  /// All of it as text; empty if lines are not kept.
  package var lines: [String] { self.state.withLock { $0.lines } }

  /// The first lines that another trace has otherwise, after those before that both have; nil if lines are not kept.
  package func difference(from other: SimulationTrace) -> String? {
    let (lines, others) = (self.lines, other.lines)
    guard self.keepsLines,
      let index = (0..<max(lines.count, others.count)).first(where: {
        $0 >= lines.count || $0 >= others.count || lines[$0] != others[$0]
      })
    else { return nil }
    let before = lines[max(0, index - 12)..<index].map { "\n    \($0.prefix(300))" }.joined()
    let (first, second) = (lines.dropFirst(index).first ?? "its end", others.dropFirst(index).first ?? "its end")
    return ": after\(before)\n    comes \(first.prefix(300))\n    or    \(second.prefix(300))"
  }

  /// A task is picked.
  func pick(_ index: Int, of count: Int) {
    self.state.withLock { state in
      state.digest.mix(word: UInt64(index))
      state.digest.mix(word: UInt64(count))
      if self.keepsLines { state.lines.append("task \(index) of \(count)") }
    }
  }

  /// A request is made.
  ///
  /// Names of Events are random, and nothing depends on them.
  func request(_ request: TransportRequest, by sender: String, at time: Duration) {
    let isEvent = RequestTarget(request)?.resource == "events"
    let path = isEvent ? "events" : request.head.path ?? ""
    self.note("\(time) \(sender) \(request.head.method) \(path)", isEvent ? [] : request.body)
  }

  /// A request is answered, or is not.
  func answer(_ status: HTTPResponse.Status?, at time: Duration) {
    self.note("\(time) \(status.map { "\($0.code)" } ?? "no answer")", [])
  }

  private func note(_ line: String, _ body: [UInt8]) {
    self.state.withLock { state in
      state.digest.mix(line.utf8)
      guard self.keepsLines else { return }
      // Fields in order; without a body there is nothing to show.
      let content = (try? JSONValue(parsing: body)).map { " " + String(decoding: $0.serialized(), as: UTF8.self) }
      state.lines.append(line + (content ?? ""))
    }
  }
}
