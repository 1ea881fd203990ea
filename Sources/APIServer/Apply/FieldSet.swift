import KubernetesModel

/// A set of places in an object, as `managedFields` records who owns what.
struct FieldSet: Sendable, Hashable {
  /// One step to a place.
  enum Step: Sendable, Hashable {
    case field(String)
    /// The element of a map-like list with these keys.
    case key(JSONValue)
    /// The element of a set-like list with this value.
    case value(JSONValue)

    /// The step as errors print it.
    var text: String {
      switch self {
      case .field(let name): ".\(name)"
      case .key(let keys):
        "["
          + (keys.objectValue ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\(FieldFault.text($0.value))" }
          .joined(separator: ",") + "]"
      case .value(let value): "[=\(FieldFault.text(value))]"
      }
    }
  }

  /// Whether this place itself is in the set.
  var isMember = false
  var children: [Step: FieldSet] = [:]

  static let leaf = FieldSet(isMember: true)

  var isEmpty: Bool { !self.isMember && self.children.isEmpty }

  func union(_ other: FieldSet) -> FieldSet {
    FieldSet(
      isMember: self.isMember || other.isMember,
      children: self.children.merging(other.children) { $0.union($1) })
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: self.isMember && !other.isMember)
    for (step, child) in self.children {
      let rest = other.children[step].map(child.subtracting) ?? child
      if !rest.isEmpty { result.children[step] = rest }
    }
    return result
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: self.isMember && other.isMember)
    for (step, child) in self.children {
      guard let common = other.children[step].map(child.intersection), !common.isEmpty else { continue }
      result.children[step] = common
    }
    return result
  }

  /// The part of the set below one field.
  func restricted(to field: String) -> FieldSet {
    var result = FieldSet()
    result.children[.field(field)] = self.children[.field(field)]
    return result
  }

  /// The set without what lies below one field.
  func without(_ field: String) -> FieldSet {
    var result = self
    result.children[.field(field)] = nil
    return result
  }

  /// Every place in the set, as errors print it: `.spec.containers[name="main"].image`.
  var paths: [String] {
    var paths: [String] = self.isMember ? [""] : []
    for (step, child) in self.children { paths += child.paths.map { step.text + $0 } }
    return paths.sorted()
  }
}

/// The form in which `fieldsV1` keeps a set.
extension FieldSet {
  var json: JSONValue {
    var fields: [String: JSONValue] = [:]
    for (step, child) in self.children {
      let name =
        switch step {
        case .field(let name): "f:\(name)"
        case .key(let keys): "k:\(String(decoding: keys.serialized(), as: UTF8.self))"
        case .value(let value): "v:\(String(decoding: value.serialized(), as: UTF8.self))"
        }
      fields[name] = child == .leaf ? .object([:]) : child.json
    }
    if self.isMember, !self.children.isEmpty { fields["."] = .object([:]) }
    return .object(fields)
  }

  /// Reads `fieldsV1`; what cannot be read is left out.
  init(json: JSONValue) {
    for (name, child) in json.objectValue ?? [:] {
      if name == "." {
        self.isMember = true
        continue
      }
      guard let step = Self.step(name) else { continue }
      let fields = child.objectValue ?? [:]
      self.children[step] = fields.isEmpty ? .leaf : FieldSet(json: child)
    }
  }

  private static func step(_ name: String) -> Step? {
    let rest = String(name.dropFirst(2))
    if name.hasPrefix("f:") { return .field(rest) }
    // A step that is not JSON was not written by this server.
    guard let value = try? JSONValue(parsing: Array(rest.utf8)) else { return nil }
    if name.hasPrefix("k:") { return .key(value) }
    return name.hasPrefix("v:") ? .value(value) : nil
  }
}
