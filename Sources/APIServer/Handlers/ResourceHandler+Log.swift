import KubernetesModel

extension ResourceHandler {
  /// The output of one of a Pod's containers.
  func log() async throws -> APIResponse {
    let options = try PodLogOptions(self.request.query, pod: self.path.name ?? "", now: self.context.now)
    let pod = try self.decoded(try await self.stored())
    let container = try PodLogRules.container(options.container, of: pod)
    guard pod[path: "spec.nodeName"]?.stringValue?.isEmpty == false else { return .text(200, "") }
    if options.isPrevious {
      try PodLogRules.checkPreviousRun(of: container, pod)
    } else {
      try PodLogRules.checkStarted(container, of: pod)
    }
    guard let source = self.context.configuration.podLogs else {
      throw APIFailure(
        503, "ServiceUnavailable",
        "this server has no access to the output of containers, which the node keeps that runs them: there it is in the "
          + "data folder, under logs/NAMESPACE/POD/CONTAINER.log", details: .object([:]))
    }
    var query = PodLogQuery(namespace: self.path.namespace ?? "", pod: self.path.name ?? "", container: container)
    query.tailLines = options.tailLines
    query.limitBytes = options.limitBytes
    query.since = options.since
    query.showsTimes = options.showsTimes
    query.isPrevious = options.isPrevious
    if options.follows, !options.isPrevious {
      let key = try self.key()
      let run = PodLogRules.run(of: container, pod)
      let store = self.context.store
      query.hasEnded = {
        guard let stored = try await store.object(key) else { return true }
        return PodLogRules.run(of: container, try stored.decoded()) != run || run == nil
      }
    }
    var response = APIResponse(stream: try await source.output(query))
    response.contentType = "text/plain"
    return response
  }
}
