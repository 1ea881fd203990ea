import KubernetesModel
import Synchronization

/// The webhooks that are asked at the moment.
final class AdmissionRegistry: Sendable {
  /// One state of the registry; requests keep to the one that they began with.
  struct Snapshot: Sendable {
    /// By the name of their configuration, and in its order.
    fileprivate(set) var mutating: [AdmissionWebhook] = []
    fileprivate(set) var validating: [AdmissionWebhook] = []

    var isEmpty: Bool { self.mutating.isEmpty && self.validating.isEmpty }
  }

  private struct State {
    var configurations: [StoreKey: [AdmissionWebhook]] = [:]
    var snapshot = Snapshot()

    mutating func set(_ key: StoreKey, _ webhooks: [AdmissionWebhook]?) {
      self.configurations[key] = webhooks
      self.snapshot.mutating = self.webhooks(BuiltInResources.mutatingWebhooks)
      self.snapshot.validating = self.webhooks(BuiltInResources.validatingWebhooks)
    }

    private func webhooks(_ resource: String) -> [AdmissionWebhook] {
      self.configurations.filter { $0.key.resource == resource }.sorted { $0.key.name < $1.key.name }
        .flatMap(\.value)
    }
  }

  /// The resources whose objects configure webhooks; their own writes are not asked about.
  static let resources = [BuiltInResources.mutatingWebhooks, BuiltInResources.validatingWebhooks]

  private let state = Mutex(State())

  var snapshot: Snapshot { self.state.withLock { $0.snapshot } }

  /// Follows a change of a configuration, in the order of the changes.
  func follow(_ event: StoreEvent) {
    guard Self.resources.contains(event.object.key.resource) else { return }
    // What cannot be read asks nobody; reading the object itself reports the damage.
    let object = event.kind == .deleted ? nil : try? event.object.decoded()
    let webhooks = object.map { ($0.json["webhooks"]?.arrayValue ?? []).compactMap(AdmissionWebhook.init) }
    self.state.withLock { $0.set(event.object.key, webhooks) }
  }
}
