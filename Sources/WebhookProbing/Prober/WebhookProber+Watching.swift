import KubernetesModel
package import KubernetesRuntime
package import UmpireModel

extension WebhookProber {
  /// Takes in what a watcher of Servers has seen.
  ///
  /// - Parameter images: what its containers run; nil if that is not known.
  package func take(_ change: StoreChange<Server>, images: String? = nil) {
    switch change {
    case .added(let server), .updated(_, let server): self.observe(server, images: images)
    case .removed(let server): self.remove(server: server.key)
    }
  }

  /// Takes in what a watcher of WebhookConfigurations has seen.
  package func take(_ change: StoreChange<WebhookConfiguration>) {
    switch change {
    case .added(let configuration), .updated(_, let configuration): self.observe(configuration)
    case .removed(let configuration): self.remove(configuration: configuration.key)
    }
  }
}
