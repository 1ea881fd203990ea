package import KubernetesModel

/// The fields of a Pod that its containers may be told, by the paths of the downward API.
package struct PodFields: Sendable {
  /// The Pod.
  package var pod: Pod
  /// The Pod's address.
  package var podAddress: String
  /// The node's address.
  package var hostAddress: String

  /// Names a Pod and where it runs.
  package init(pod: Pod, podAddress: String, hostAddress: String) {
    self.pod = pod
    self.podAddress = podAddress
    self.hostAddress = hostAddress
  }

  /// One field; a label or an annotation that is absent is empty.
  ///
  /// - Returns: Nil for a path that is not supported.
  package func value(_ path: String) -> String? {
    switch path {
    case "metadata.name": return self.pod.metadata.name ?? ""
    case "metadata.namespace": return self.pod.metadata.namespace ?? ""
    case "metadata.uid": return self.pod.metadata.uid ?? ""
    case "spec.nodeName": return self.pod.spec.nodeName ?? ""
    case "spec.serviceAccountName": return self.pod.spec.serviceAccountName ?? "default"
    case "status.podIP", "status.podIPs": return self.podAddress
    case "status.hostIP", "status.hostIPs": return self.hostAddress
    default:
      if let key = Self.key(in: path, of: "metadata.labels") { return self.pod.metadata.label(key) ?? "" }
      if let key = Self.key(in: path, of: "metadata.annotations") { return self.pod.metadata.annotation(key) ?? "" }
      return nil
    }
  }

  /// One field, or all labels or annotations as lines of `key="value"`, which only a file can hold.
  ///
  /// - Returns: Nil for a path that is not supported.
  package func text(_ path: String) -> String? {
    switch path {
    case "metadata.labels": return Self.lines(self.pod.metadata.labels ?? [:])
    case "metadata.annotations": return Self.lines(self.pod.metadata.annotations ?? [:])
    default: return self.value(path)
    }
  }

  private static func lines(_ texts: [String: String]) -> String {
    texts.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }.joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    let escapes = ["\\": "\\\\", "\"": "\\\"", "\n": "\\n", "\r": "\\r", "\r\n": "\\r\\n", "\t": "\\t"]
    return "\"\(text.map { escapes[String($0)] ?? String($0) }.joined())\""
  }

  /// The key of `map['key']` or `map["key"]`.
  private static func key(in path: String, of map: String) -> String? {
    for quote in ["'", "\""] where path.hasPrefix("\(map)[\(quote)") && path.hasSuffix("\(quote)]") {
      let inner = path.dropFirst(map.count + 2).dropLast(2)
      return inner.isEmpty ? nil : String(inner)
    }
    return nil
  }
}
