/// What a Pod runs.
///
/// Kept whole: fields that are not known here survive.
public struct PodSpec: OpenObject {
  /// Every field, known or not.
  public var fields: [String: JSONValue]

  /// Wraps fields as they are.
  public init(fields: [String: JSONValue] = [:]) { self.fields = fields }

  /// Creates a spec with these containers.
  public init(containers: [Container]) {
    self.fields = [:]
    self.containers = containers
  }

  /// The main containers.
  public var containers: [Container] {
    get { self.objects("containers") }
    set { self.setObjects("containers", newValue) }
  }

  /// Run in order before the main containers; one whose `restartPolicy` is `Always` is a native sidecar.
  public var initContainers: [Container] {
    get { self.objects("initContainers") }
    set { self.setObjects("initContainers", newValue) }
  }

  /// The node that the Pod is bound to.
  public var nodeName: String? {
    get { self.fields["nodeName"]?.stringValue }
    set { self.setString("nodeName", newValue) }
  }

  /// `Always` (default), `OnFailure` or `Never`.
  public var restartPolicy: String? {
    get { self.fields["restartPolicy"]?.stringValue }
    set { self.setString("restartPolicy", newValue) }
  }

  /// Seconds between SIGTERM and SIGKILL; 30 by default.
  public var terminationGracePeriodSeconds: Int64? {
    get { self.fields["terminationGracePeriodSeconds"]?.integerValue }
    set { self.setInteger("terminationGracePeriodSeconds", newValue) }
  }

  /// The account whose token the Pod gets.
  public var serviceAccountName: String? {
    get { self.fields["serviceAccountName"]?.stringValue }
    set { self.setString("serviceAccountName", newValue) }
  }

  /// The name that the Pod's containers see as their host.
  public var hostname: String? {
    get { self.fields["hostname"]?.stringValue }
    set { self.setString("hostname", newValue) }
  }
}

/// One container of a Pod.
public struct Container: OpenObject {
  /// Every field, known or not.
  public var fields: [String: JSONValue]

  /// Wraps fields as they are.
  public init(fields: [String: JSONValue] = [:]) { self.fields = fields }

  /// Creates a container.
  public init(name: String, image: String) {
    self.fields = ["name": .string(name), "image": .string(image)]
  }

  /// Unique in the Pod.
  public var name: String {
    get { self.fields["name"]?.stringValue ?? "" }
    set { self.fields["name"] = .string(newValue) }
  }

  /// The image to run.
  public var image: String? {
    get { self.fields["image"]?.stringValue }
    set { self.setString("image", newValue) }
  }

  /// Replaces the image's entry point.
  public var command: [String] {
    get { self.strings("command") }
    set { self.setStrings("command", newValue) }
  }

  /// Arguments to the entry point.
  public var args: [String] {
    get { self.strings("args") }
    set { self.setStrings("args", newValue) }
  }

  /// The folder to start in.
  public var workingDirectory: String? {
    get { self.fields["workingDir"]?.stringValue }
    set { self.setString("workingDir", newValue) }
  }

  /// `Always` makes an init container a native sidecar.
  public var restartPolicy: String? {
    get { self.fields["restartPolicy"]?.stringValue }
    set { self.setString("restartPolicy", newValue) }
  }

  /// Environment variables, in order; a later one may refer to an earlier one.
  public var environment: [EnvironmentVariable] {
    get { self.objects("env") }
    set { self.setObjects("env", newValue) }
  }

  /// Ports that the container listens on.
  public var ports: [ContainerPort] {
    get { self.objects("ports") }
    set { self.setObjects("ports", newValue) }
  }
}

/// An environment variable, literal or taken from a field.
public struct EnvironmentVariable: OpenObject {
  /// Every field, known or not.
  public var fields: [String: JSONValue]

  /// Wraps fields as they are.
  public init(fields: [String: JSONValue] = [:]) { self.fields = fields }

  /// A literal value.
  public init(name: String, value: String) {
    self.fields = ["name": .string(name), "value": .string(value)]
  }

  /// A value taken from a field of the Pod, such as `status.podIP`.
  public init(name: String, fieldPath: String) {
    self.fields = [
      "name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(fieldPath)]],
    ]
  }

  /// The variable's name.
  public var name: String { self.fields["name"]?.stringValue ?? "" }
  /// The literal value, if it is one.
  public var value: String? { self.fields["value"]?.stringValue }
  /// The Pod's field that the value comes from, if it does.
  public var fieldPath: String? { self.fields["valueFrom"]?["fieldRef"]?["fieldPath"]?.stringValue }
}

/// A port of a container.
public struct ContainerPort: OpenObject {
  /// Every field, known or not.
  public var fields: [String: JSONValue]

  /// Wraps fields as they are.
  public init(fields: [String: JSONValue] = [:]) { self.fields = fields }

  /// Creates a port.
  public init(name: String? = nil, containerPort: Int64, protocol: String? = nil) {
    self.fields = ["containerPort": .integer(containerPort)]
    self.setString("name", name)
    self.setString("protocol", `protocol`)
  }

  /// The port's name.
  public var name: String? { self.fields["name"]?.stringValue }
  /// The number.
  public var containerPort: Int64? { self.fields["containerPort"]?.integerValue }
}
