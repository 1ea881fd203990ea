import Cryptography
import FoundationEssentials
package import KubernetesModel

/// A configuration by which kube-apiserver learns of admission webhooks (`admissionregistration.k8s.io/v1`).
package protocol WebhookRegistration: KubernetesResource {
  /// The webhooks, each with every field.
  var webhooks: [JSONValue]? { get set }
}

/// Whom to ask for changes of an object.
package struct MutatingWebhookConfiguration: WebhookRegistration {
  package static let resourceType = ResourceType(
    group: "admissionregistration.k8s.io", version: "v1", kind: "MutatingWebhookConfiguration",
    plural: "mutatingwebhookconfigurations", isNamespaced: false)
  package var metadata: ObjectMeta
  package var webhooks: [JSONValue]?
}

/// Whom to ask whether an object may be stored.
package struct ValidatingWebhookConfiguration: WebhookRegistration {
  package static let resourceType = ResourceType(
    group: "admissionregistration.k8s.io", version: "v1", kind: "ValidatingWebhookConfiguration",
    plural: "validatingwebhookconfigurations", isNamespaced: false)
  package var metadata: ObjectMeta
  package var webhooks: [JSONValue]?
}

extension WebhookRegistration {
  /// With one of these annotations cert-manager's CA injector writes the caBundle
  /// (<https://cert-manager.io/docs/concepts/ca-injector/>).
  package static var injections: [String] {
    ["inject-ca-from", "inject-ca-from-secret", "inject-apiserver-ca"].map { "cert-manager.io/\($0)" }
  }

  /// Whether somebody else writes the caBundle.
  var isInjected: Bool {
    Self.injections.contains { self.metadata.annotations?[$0] != nil }
  }

  /// The configuration with `bundle` at every webhook that is reached by one of `names`.
  ///
  /// - Parameter bundle: PEM.
  /// - Returns: nil if nothing is to be changed, or somebody else writes the bundles.
  func trusting(_ bundle: [UInt8], for names: [AlternativeName]) -> Self? {
    guard !self.isInjected, let webhooks = self.webhooks else { return nil }
    let text = JSONValue.string(Data(bundle).base64EncodedString())
    let wanted = webhooks.map { webhook -> JSONValue in
      guard Self.host(of: webhook).map(names.contains) == true else { return webhook }
      var webhook = webhook
      webhook["clientConfig"]?["caBundle"] = text
      return webhook
    }
    guard wanted != webhooks else { return nil }
    var changed = self
    changed.webhooks = wanted
    return changed
  }

  /// The name that the certificate of a webhook must hold.
  private static func host(of webhook: JSONValue) -> AlternativeName? {
    let client = webhook["clientConfig"]
    if let service = client?["service"], let name = service["name"]?.stringValue,
      let namespace = service["namespace"]?.stringValue
    {
      return .dns("\(name).\(namespace).svc")
    }
    guard let url = client?["url"]?.stringValue.flatMap({ URL(string: $0) }), let host = url.host() else { return nil }
    return AlternativeName(host: host)
  }
}
