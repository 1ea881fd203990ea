package import APIServer
package import HTTPTransport
package import ProcessNode

/// The output of containers, read from the files in which the process node keeps it.
package struct NodeLogSource: PodLogSource {
  private let node: LocalNodeConfiguration
  private let pollInterval: Duration

  /// Creates a source.
  ///
  /// - Parameter pollInterval: How often a file that is followed is looked at for more.
  package init(node: LocalNodeConfiguration, pollInterval: Duration = .milliseconds(200)) {
    self.node = node
    self.pollInterval = pollInterval
  }

  package func output(_ query: PodLogQuery) async throws -> ResponseBody {
    let path = self.node.logPath(
      namespace: query.namespace, pod: query.pod, container: query.container, isPrevious: query.isPrevious)
    let reader = LogReader(path: path, tailLines: query.tailLines)
    let lines = LogLines(since: query.since, showsTimes: query.showsTimes, limitBytes: query.limitBytes)
    let stream = LogStream(reader: reader, lines: lines, hasEnded: query.hasEnded, pollInterval: self.pollInterval)
    return ResponseBody { try await stream.next() }
  }
}
