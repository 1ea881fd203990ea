import KubernetesModel

extension ResourceHandler {
  /// The output of one of a Pod's containers.
  func log() async throws -> APIResponse {
    let options = try PodLogOptions(self.request.query, pod: self.path.name ?? "")
    let pod = try self.decoded(try await self.stored())
    let container = try PodLogRules.container(options.container, of: pod)
    guard pod[path: "spec.nodeName"]?.stringValue?.isEmpty == false else { return .text(200, "") }
    if options.isPrevious { throw PodLogRules.noPreviousRun(of: container, pod) }
    try PodLogRules.checkStarted(container, of: pod)
    guard let source = self.context.configuration.podLogs else {
      throw APIFailure(
        503, "ServiceUnavailable", "no node of this server keeps the output of containers", details: .object([:]))
    }
    var query = PodLogQuery(namespace: self.path.namespace ?? "", pod: self.path.name ?? "", container: container)
    query.tailLines = options.tailLines
    query.limitBytes = options.limitBytes
    if options.follows {
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
