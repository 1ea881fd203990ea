package import HTTPTransport
package import KubernetesModel

/// Where the output of containers is to be had: what stands in for the kubelet of a Pod's node.
package protocol PodLogSource: Sendable {
  /// The output of a container, as bytes.
  ///
  /// A container that has written nothing has empty output.
  ///
  /// - Throws: An error of whatever keeps the output, if it cannot be read.
  func output(_ query: PodLogQuery) async throws -> ResponseBody
}

/// Which container's output is wanted, and how much of it.
package struct PodLogQuery: Sendable {
  package var namespace: String
  package var pod: String
  package var container: String
  /// How many of the last lines to begin with; nil for all that there is.
  package var tailLines: Int?
  /// How many bytes at most; nil for no bound.
  package var limitBytes: Int?
  /// The time from which on lines are wanted; nil for all.
  package var since: Timestamp?
  /// Whether each line is to come with its time before it.
  package var showsTimes = false
  /// Whether the run before the present one is meant.
  package var isPrevious = false
  /// Tells whether the container has ended, so that nothing more will come.
  ///
  /// Nil if only what there is at present is wanted.
  package var hasEnded: (@Sendable () async throws -> Bool)?

  package init(namespace: String, pod: String, container: String) {
    self.namespace = namespace
    self.pod = pod
    self.container = container
  }
}
