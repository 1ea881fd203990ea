import KubernetesModel

/// The ConfigMaps and Secrets that a container's variables come from, as they were when it was started.
///
/// As with a kubelet, a change of them reaches the container when it is started again.
package struct EnvironmentObjects: Sendable, Hashable {
  /// One of them.
  struct Name: Sendable, Hashable {
    var kind: ContentKind
    var name: String
  }

  private var objects: [Name: JSONValue] = [:]

  /// No objects.
  package init() {}

  /// Those that a container names, to be read before it is started.
  static func names(in container: Container) -> Set<Name> {
    var names: Set<Name> = []
    for source in container.fields["envFrom"]?.arrayValue ?? [] {
      if let name = Self.object(of: source)?.name { names.insert(name) }
    }
    for variable in container.environment {
      if let name = Self.key(of: variable)?.name { names.insert(name) }
    }
    return names
  }

  /// Takes an object that was read; one that is not there is not added.
  mutating func add(_ object: JSONValue, as name: Name) { self.objects[name] = object }

  // MARK: Variables

  /// The variables that an element of `envFrom` makes; keys that cannot be a variable's name are left out.
  ///
  /// - Throws: ``ContainerProblem`` if its object is missing and may not be.
  func variables(from source: JSONValue) throws(ContainerProblem) -> [String: String] {
    guard let (name, reference) = Self.object(of: source) else {
      throw ContainerProblem(reason: .configuration, message: "envFrom needs a configMapRef or a secretRef")
    }
    guard let object = self.objects[name] else {
      if Self.isOptional(reference) { return [:] }
      throw Self.missing(name)
    }
    let prefix = source["prefix"]?.stringValue ?? ""
    var variables: [String: String] = [:]
    for key in object["data"]?.objectValue?.keys.sorted() ?? [] where Self.isName(prefix + key) {
      variables[prefix + key] = try Self.text(key, of: name, in: object)
    }
    return variables
  }

  /// The value of a variable that is a key of an object; nil for one that may be missing and is.
  ///
  /// - Throws: ``ContainerProblem`` if the object or the key is missing and may not be, or the source is another one.
  func value(of variable: EnvironmentVariable) throws(ContainerProblem) -> String? {
    guard let (name, reference) = Self.key(of: variable) else {
      let kind = variable.fields["valueFrom"]?.objectValue?.keys.sorted().first ?? "a source"
      throw ContainerProblem(
        reason: .configuration, message: "variable \(variable.name): \(kind) is not supported by a local node")
    }
    guard let object = self.objects[name] else {
      if Self.isOptional(reference) { return nil }
      throw Self.missing(name)
    }
    let key = reference["key"]?.stringValue ?? ""
    if let text = try Self.text(key, of: name, in: object) { return text }
    if Self.isOptional(reference) { return nil }
    throw ContainerProblem(
      reason: .configuration, message: "couldn't find key \(key) in \(name.kind.rawValue) \"\(name.name)\"")
  }

  private static func text(
    _ key: String, of name: Name, in object: JSONValue
  ) throws(ContainerProblem) -> String? {
    let bytes: [UInt8]?
    do {
      bytes = try name.kind.bytes(of: key, in: object)
    } catch {
      throw self.problem(name, key, "is not base64")
    }
    guard let bytes else { return nil }
    // A variable ends at the first zero, and the rest would be lost without a word.
    guard !bytes.contains(0) else { throw self.problem(name, key, "holds a zero, which no variable can") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw self.problem(name, key, "is no text in UTF-8, which a local node gives to variables only")
    }
    return text
  }

  // MARK: References

  private static func object(of source: JSONValue) -> (name: Name, reference: JSONValue)? {
    self.reference(in: source, configMap: "configMapRef", secret: "secretRef")
  }

  private static func key(of variable: EnvironmentVariable) -> (name: Name, reference: JSONValue)? {
    guard let source = variable.fields["valueFrom"] else { return nil }
    return self.reference(in: source, configMap: "configMapKeyRef", secret: "secretKeyRef")
  }

  private static func reference(
    in source: JSONValue, configMap: String, secret: String
  ) -> (name: Name, reference: JSONValue)? {
    for (kind, field) in [(ContentKind.configMap, configMap), (.secret, secret)] {
      guard let reference = source[field] else { continue }
      return (Name(kind: kind, name: reference["name"]?.stringValue ?? ""), reference)
    }
    return nil
  }

  private static func isOptional(_ reference: JSONValue) -> Bool { reference["optional"]?.boolValue ?? false }

  /// Printable ASCII without `=`, as Kubernetes takes it.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
  }

  private static func missing(_ name: Name) -> ContainerProblem {
    ContainerProblem(reason: .configuration, message: "\(name.kind.rawValue) \"\(name.name)\" not found")
  }

  private static func problem(_ name: Name, _ key: String, _ fault: String) -> ContainerProblem {
    ContainerProblem(
      reason: .configuration, message: "key \(key) of \(name.kind.rawValue) \"\(name.name)\" \(fault)")
  }
}
