import KubernetesClient

/// The variables by which a container finds the API server, as a kubelet gives them.
enum ServiceVariables {
  /// - Parameter apiServer: A URL, such as `https://127.0.0.1:8001`.
  static func of(apiServer: String) -> [String: String] {
    var variables = [ServiceAccountFolder.serverVariable: apiServer]
    // A URL of another form was refused when the node was set up.
    guard let configuration = try? ClientConfiguration(server: apiServer, origin: "the API server") else {
      return variables
    }
    let isSecure = configuration.scheme == "https"
    var host = configuration.authority
    var port = isSecure ? "443" : "80"
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      port = String(host[host.index(after: colon)...])
      host = String(host[..<colon])
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    variables["KUBERNETES_SERVICE_HOST"] = host
    variables["KUBERNETES_SERVICE_PORT"] = port
    return variables
  }
}
