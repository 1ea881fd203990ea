package import KubernetesModel

/// Which local program stands behind which image.
package struct ImageTable: Sendable, Hashable {
  private var programs: [String: String]

  /// Creates a table from image names and the absolute paths of their programs.
  package init(_ programs: [String: String] = [:]) { self.programs = programs }

  /// Adds an image, or replaces its program.
  package mutating func set(_ image: String, program: String) { self.programs[image] = program }

  /// The program behind `image`: by the image as it is written, then without its digest and tag.
  package func program(for image: String) -> String? {
    self.programs[image] ?? self.programs[Self.repository(of: image)]
  }

  /// What a container's process is.
  ///
  /// A `command` replaces the image. A command that is a bare name is looked up among the images too, so that
  /// `command: [my-server]` works for a program that the node knows; any other is left to the search path.
  ///
  /// - Throws: ``ContainerProblem`` with `ErrImagePull` if there is no command and the image is unknown.
  package func commandLine(for container: Container) throws(ContainerProblem) -> CommandLine {
    if !container.command.isEmpty { return self.commandLine(container.command + container.args) }
    guard let image = container.image, !image.isEmpty else {
      throw ContainerProblem(reason: .invalidImageName, message: "the container has neither an image nor a command")
    }
    guard let program = self.program(for: image) else {
      throw ContainerProblem(
        reason: .imagePull,
        message: "no program is known for image \"\(image)\"; start the node with --image \(image)=PATH")
    }
    return CommandLine(program: program, arguments: container.args)
  }

  /// What the process of a command is, by the rules of a container's `command`.
  ///
  /// - Parameter command: A program and its arguments; at least the program.
  package func commandLine(_ command: [String]) -> CommandLine {
    let program = command[0].contains("/") ? command[0] : self.programs[command[0]] ?? command[0]
    return CommandLine(program: program, arguments: Array(command.dropFirst()))
  }

  /// A program and its arguments.
  package struct CommandLine: Sendable, Hashable {
    /// A path, or a bare name to look for on the search path.
    package var program: String
    /// What follows the program's name.
    package var arguments: [String]
  }

  /// `registry:5000/game:1.2@sha256:…` without digest and tag.
  ///
  /// A colon before the last slash belongs to a port.
  static func repository(of image: String) -> String {
    let undigested = image.prefix { $0 != "@" }
    let lastSlash = undigested.lastIndex(of: "/") ?? undigested.startIndex
    guard let colon = undigested[lastSlash...].lastIndex(of: ":") else { return String(undigested) }
    return String(undigested[..<colon])
  }
}
