/// Something did not become true in time.
package struct NeverTrue: Error, CustomStringConvertible {
  package var description: String
}

/// Waits until `condition` gives a value, looking again every few milliseconds.
///
/// - Parameter limit: generous, for a machine that does other things; a passing test never waits for it.
/// - Throws: ``NeverTrue`` at the limit, with what the condition last threw.
package func eventually<Value: Sendable>(
  _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now.advanced(by: limit)
  var last = ""
  while true {
    do {
      if let value = try await condition() { return value }
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      last = ": \(error)"
    }
    guard ContinuousClock.now < deadline else { throw NeverTrue(description: "\(what), not within \(limit)\(last)") }
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// Waits until `condition` is true.
package func eventually(
  _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws {
  let _: Bool = try await eventually(what, within: limit) { try await condition() ? true : nil }
}
