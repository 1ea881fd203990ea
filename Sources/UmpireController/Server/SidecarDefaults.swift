package import Cryptography
package import HTTPTransport

/// What every injected sidecar has where its Server says nothing else.
package struct SidecarDefaults: Sendable {
  /// The image where a Server names none.
  package var image: String
  /// The resources where a Server has no `sidecar.resources`.
  package var resources: SidecarResources
  /// Addresses that no webhook may have, beside those that are refused anyway.
  package var refusedRanges: [NetworkRange] = []
  /// The key by which the sidecar recognizes the controller; nil to accept no caller from outside the Pod.
  package var controllerKey: Ed25519.VerificationKey?

  package init(image: String = "umpire-sidecar", resources: SidecarResources = .standard) {
    self.image = image
    self.resources = resources
  }
}
