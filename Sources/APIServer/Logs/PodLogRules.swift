import KubernetesModel

/// Whose output is meant, and whether there is any, as kube-apiserver and the kubelet decide it.
enum PodLogRules {
  /// One run of a container.
  struct Run: Sendable, Hashable {
    var podUID: String?
    var containerID: String?
    var startedAt: String?
  }

  /// The container that a request means.
  ///
  /// A Pod with several needs a name.
  static func container(_ name: String?, of pod: APIObject) throws(APIFailure) -> String {
    let main = Self.names("spec.containers", pod)
    let initial = Self.names("spec.initContainers", pod)
    let podName = pod.name ?? ""
    guard let name else {
      if main.count == 1 { return main[0] }
      var message = "a container name must be specified for pod \(podName)"
      if !main.isEmpty { message += ", choose one of: [\(main.joined(separator: " "))]" }
      if !initial.isEmpty { message += " or one of the init containers: [\(initial.joined(separator: " "))]" }
      throw .badRequest(message)
    }
    guard main.contains(name) || initial.contains(name) else {
      throw .badRequest("container \(name) is not valid for pod \(podName)")
    }
    return name
  }

  /// Checks that a container has started once.
  static func checkStarted(_ container: String, of pod: APIObject) throws(APIFailure) {
    let place = "container \"\(container)\" in pod \"\(pod.name ?? "")\""
    guard let status = Self.status(of: container, pod) else { throw .badRequest("\(place) is not available") }
    guard let waiting = status["state"]?["waiting"], status["lastState"]?["terminated"] == nil else { return }
    throw .badRequest("\(place) is waiting to start: \(waiting["reason"]?.stringValue ?? "ContainerCreating")")
  }

  /// Checks that a container has run before.
  static func checkPreviousRun(of container: String, _ pod: APIObject) throws(APIFailure) {
    guard Self.status(of: container, pod)?["lastState"]?["terminated"] == nil else { return }
    throw .badRequest("previous terminated container \"\(container)\" in pod \"\(pod.name ?? "")\" not found")
  }

  /// The present run of a container; nil if it does not run.
  static func run(of container: String, _ pod: APIObject) -> Run? {
    guard let status = Self.status(of: container, pod), let running = status["state"]?["running"] else { return nil }
    return Run(
      podUID: pod.uid, containerID: status["containerID"]?.stringValue, startedAt: running["startedAt"]?.stringValue)
  }

  private static func names(_ path: String, _ pod: APIObject) -> [String] {
    (pod[path: path]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
  }

  private static func status(of container: String, _ pod: APIObject) -> JSONValue? {
    let statuses =
      (pod[path: "status.containerStatuses"]?.arrayValue ?? [])
      + (pod[path: "status.initContainerStatuses"]?.arrayValue ?? [])
    return statuses.first { $0["name"] == .string(container) }
  }
}
