/// Where a container finds the token of its service account.
package enum ServiceAccountFolder {
  /// The folder that a kubelet mounts it in.
  package static let standard = "/var/run/secrets/kubernetes.io/serviceaccount"
  /// The variable that names another folder, for processes for which nothing can be mounted.
  package static let folderVariable = "UMPIRE_SERVICE_ACCOUNT_FOLDER"
  /// The variable that gives the API server's URL where that is not `https` at the variables of a kubelet.
  package static let serverVariable = "UMPIRE_API_SERVER"

  /// The folder of a process.
  package static func path(environment: [String: String]) -> String {
    environment[self.folderVariable].flatMap { $0.isEmpty ? nil : $0 } ?? self.standard
  }
}
