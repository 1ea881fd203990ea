/// One thing that the demo does and then waits to see.
struct DemoStep: Sendable {
  /// What is to be seen, as it stands in the timeline.
  var title: String
  /// How long it may take.
  var limit: Duration
  /// How long it has to stay so.
  var hold: Duration = .zero
  /// Starts it off; nothing by default.
  var perform: @Sendable (DemoSnapshot) async throws -> Void = { _ in }
  /// Nil once it is seen; else what is still missing.
  var missing: @Sendable (DemoSnapshot) async -> String?
}

/// A step that was seen.
struct DemoMoment: Sendable {
  var title: String
  var at: Duration
}

/// A step was not seen in its time.
struct DemoFailure: Error, CustomStringConvertible {
  var step: String
  var missing: String
  var description: String { "not seen: \(self.step): \(self.missing)" }
}
