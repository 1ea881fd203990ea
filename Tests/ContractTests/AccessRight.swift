import FoundationEssentials
import KubernetesModel
import UmpireLocal

@testable import APIServer

/// One verb on one resource that a role of the manifests grants.
struct AccessRight: Hashable, CustomStringConvertible {
  /// The ClusterRole's or Role's name.
  var role: String
  /// The service account that has the role.
  var account: String
  /// The namespace of a Role; nil for a ClusterRole, and for a Role that goes into each namespace.
  var namespace: String?
  var rule: AccessRule

  /// As a table shows it: `umpire-controller: patch fleets.umpire.dev`.
  var description: String {
    let group = self.rule.apiGroups.joined()
    let names = self.rule.resourceNames.joined(separator: ", ")
    return "\(self.role): \(self.rule.verbs.joined()) \(self.rule.resources.joined())"
      + (group.isEmpty ? "" : ".\(group)") + (names.isEmpty ? "" : " (\(names))")
  }

  /// Whether an action needs the right.
  func covers(_ use: AccessRecord.Use) -> Bool {
    use.account == self.account && self.rule.allows(use.attributes)
      && (self.namespace == nil || self.namespace == use.attributes.namespace)
  }

  private static func documents(_ file: String) throws -> [ManifestDocument] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../manifests/rbac")
    return try ManifestFile.parse(String(contentsOf: folder.appending(path: file), encoding: .utf8), file: file)
  }

  /// The Role of the sidecar's plugins and its binding, for one namespace.
  static func pluginRoles(in namespace: String) throws -> [ManifestDocument] {
    try Self.documents("sidecar-plugins.yaml").map { document in
      var document = document
      document.object["metadata"]?["namespace"] = .string(namespace)
      return document
    }
  }

  /// Every right of `manifests/rbac` that the controller and the sidecars have, narrow roles before wide ones.
  static func all() throws -> [AccessRight] {
    var rights: [AccessRight] = []
    for (file, account) in [
      ("controller.yaml", "umpire-controller"), ("sidecar.yaml", "umpire-sidecar"),
      ("sidecar-plugins.yaml", "umpire-sidecar"),
    ] {
      for document in try Self.documents(file) where document.object["kind"]?.stringValue?.hasSuffix("Role") == true {
        let metadata = document.object["metadata"]
        for rule in (document.object["rules"]?.arrayValue ?? []).map(AccessRule.init) {
          for group in rule.apiGroups {
            for resource in rule.resources {
              for verb in rule.verbs {
                rights.append(
                  AccessRight(
                    role: metadata?["name"]?.stringValue ?? "", account: account,
                    namespace: metadata?["namespace"]?.stringValue,
                    rule: AccessRule([verb], groups: [group], resources: [resource], names: rule.resourceNames)))
              }
            }
          }
        }
      }
    }
    return rights.filter { $0.namespace != nil } + rights.filter { $0.namespace == nil }
  }
}
