import ArgumentParser
import UmpireController

/// What sidecars have where their Servers say nothing else.
struct SidecarOptions: ParsableArguments {
  @Option(help: "The sidecar's image where a Server names none.")
  var sidecarImage = "umpire-sidecar"

  @Option(
    help: ArgumentHelp(
      """
      The sidecar's resource requests where a Server has no sidecar.resources, such as cpu=50m,memory=64Mi; \
      empty for none. (default: cpu=50m,memory=64Mi)
      """, valueName: "quantities"))
  var sidecarRequests: String?

  @Option(
    help: ArgumentHelp(
      """
      The sidecar's resource limits where a Server has no sidecar.resources, such as cpu=100m,memory=128Mi; \
      empty for none. (default: cpu=100m,memory=128Mi)
      """, valueName: "quantities"))
  var sidecarLimits: String?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Make the ServiceAccount umpire-sidecar and the RoleBinding of its role in each namespace with Servers. \
      (default: on; without it apply manifests/rbac/sidecar-namespace.yaml)
      """)
  var sidecarAccounts = true

  func validate() throws {
    for (option, text) in [("requests", self.sidecarRequests), ("limits", self.sidecarLimits)] {
      if let text, SidecarResources.quantities(text) == nil {
        throw ValidationError("--sidecar-\(option) must be quantities such as cpu=50m,memory=64Mi; not '\(text)'")
      }
    }
  }

  /// The options as the controllers take them.
  var defaults: SidecarDefaults {
    var resources = SidecarResources.standard
    if let requests = self.sidecarRequests.flatMap(SidecarResources.quantities) { resources.requests = requests }
    if let limits = self.sidecarLimits.flatMap(SidecarResources.quantities) { resources.limits = limits }
    return SidecarDefaults(image: self.sidecarImage, resources: resources)
  }
}
