import KubernetesModel
import UmpireModel

/// The object that a result's JSON patches change: `target`.
struct StorageTarget: Sendable, Hashable {
  /// Where the object is.
  enum Place: Sendable, Hashable {
    /// The Server of the own Pod, which owns the Pod: `podOwner: true`.
    case ownServer
    /// An object that is named.
    case named(ResourceType, namespace: VariableText, name: VariableText)
  }

  var place: Place

  init(_ fields: ConfigurationFields) {
    let group = fields.text("group", atMost: 253) ?? ""
    let version = fields.text("version", atMost: 63) ?? ""
    let resource = fields.text("resource", atMost: 63) ?? ""
    let namespace = VariableText(fields, "namespace")
    let name = VariableText(fields, "name")
    guard !fields.bool("podOwner", default: false) else {
      self.place = .ownServer
      for key in ["group", "version", "resource", "namespace", "name"] {
        fields.ignore(key, "with podOwner the target is the Server that owns the Pod")
      }
      return
    }
    if !group.isEmpty, let fault = LabelSyntax.fault(inSubdomain: group) { fields.refuse("group", fault) }
    for (key, text) in [("version", version), ("resource", resource)] {
      if text.isEmpty {
        fields.require(key)
      } else if let fault = LabelSyntax.fault(inLabel: text) {
        fields.refuse(key, fault)
      }
    }
    if name.parts.isEmpty { fields.require("name") }
    self.place = .named(
      ResourceType(
        group: group, version: version, kind: "", plural: resource, isNamespaced: !namespace.parts.isEmpty),
      namespace: namespace, name: name)
  }

  /// Whether it is one of our Servers.
  var isServer: Bool {
    switch self.place {
    case .ownServer: true
    case .named(let type, _, _): type.group == Umpire.group && type.plural == Server.resourceType.plural
    }
  }
}

/// A text with `${SELF:NAME}` and `${POD:NAME}` in it.
///
/// `SELF` is the sidecar's own environment, put in as the configuration is read; `POD` the literal environment of the
/// Pod's first container, known only in the cluster. What stands around a variable stays.
struct VariableText: Sendable, Hashable {
  /// A piece of the text.
  enum Part: Sendable, Hashable {
    case literal(String)
    case podVariable(String)
  }

  var parts: [Part]

  init(parts: [Part]) { self.parts = parts }

  /// Reads a field; no part if there is none.
  init(_ fields: ConfigurationFields, _ key: String) {
    self.parts = []
    let text = fields.text(key, atMost: 1024) ?? ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
      let behind = rest[start.upperBound...]
      guard let end = behind.firstIndex(of: "}"), let colon = behind[..<end].firstIndex(of: ":") else { break }
      let (source, name) = (behind[..<colon], String(behind[behind.index(after: colon)..<end]))
      self.append(.literal(String(rest[..<start.lowerBound])))
      switch source {
      case "SELF":
        let value = fields.environment[name]
        if value == nil { fields.refuse(key, "the sidecar has no environment variable \(name)") }
        self.append(.literal(value ?? ""))
      case "POD": self.append(.podVariable(name))
      default: self.append(.literal(String(rest[start.lowerBound...end])))
      }
      rest = behind[behind.index(after: end)...]
    }
    self.append(.literal(String(rest)))
  }

  private mutating func append(_ part: Part) {
    if part != .literal("") { self.parts.append(part) }
  }

  /// Whether the Pod has to be read for it.
  var needsPod: Bool { self.parts.contains { if case .podVariable = $0 { true } else { false } } }

  /// The text with the Pod's variables put in.
  ///
  /// - Throws: ``StorageFault`` naming a variable that the Pod's first container does not have as a literal.
  func resolved(_ pod: Pod?) throws(StorageFault) -> String {
    var text = ""
    for part in self.parts {
      switch part {
      case .literal(let literal): text += literal
      case .podVariable(let name):
        let variables = pod?.spec.containers.first?.environment ?? []
        guard let value = variables.last(where: { $0.name == name })?.value else {
          throw StorageFault("the Pod's first container has no literal environment variable \(name)")
        }
        text += value
      }
    }
    return text
  }
}

/// Why a result is not stored.
struct StorageFault: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
