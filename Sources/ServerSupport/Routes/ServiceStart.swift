import Synchronization

/// Whether a service has begun to listen.
final class ServiceStart: Sendable {
  private let state = Atomic(false)

  var isListening: Bool { self.state.load(ordering: .relaxed) }

  /// The service listens.
  func note() { self.state.store(true, ordering: .relaxed) }
}
