/// Why a container could not be started.
///
/// It becomes the container's waiting state.
package struct ContainerProblem: Error, Sendable, Hashable {
  /// One word, as a kubelet would say it.
  package var reason: Reason
  /// A sentence for a person.
  package var message: String

  /// Creates a problem.
  package init(reason: Reason, message: String) {
    self.reason = reason
    self.message = message
  }

  /// The reasons that a node knows.
  package enum Reason: String, Sendable, Hashable {
    /// The image stands for no known program.
    case imagePull = "ErrImagePull"
    /// There is no image at all.
    case invalidImageName = "InvalidImageName"
    /// A variable or a volume comes from a source that does not exist, or not yet, or is not supported.
    case configuration = "CreateContainerConfigError"
    /// The program does not exist or may not be executed.
    case create = "CreateContainerError"
    /// The program could not be started.
    case run = "RunContainerError"
  }
}
