import KubernetesModel

/// A set of places in an object, as `managedFields` records who owns what.
struct FieldSet: Sendable, Hashable {
  /// One step to a place.
  struct Step: Sendable, Hashable {
    /// The step as `fieldsV1` writes it.
    let written: String

    fileprivate init(written: String) { self.written = written }

    static func field(_ name: String) -> Step { Step(written: "f:" + name) }

    /// The element of a map-like list with these keys.
    static func key(_ keys: JSONValue) -> Step {
      Step(written: "k:" + String(decoding: keys.serialized(), as: UTF8.self))
    }

    /// The element of a set-like list with this value.
    static func value(_ value: JSONValue) -> Step {
      Step(written: "v:" + String(decoding: value.serialized(), as: UTF8.self))
    }
  }

  /// Whether this place itself is in the set.
  var isMember = false
  var children: [Step: FieldSet] = [:]

  static let leaf = FieldSet(isMember: true)

  var isEmpty: Bool { !self.isMember && self.children.isEmpty }

  init(isMember: Bool = false, children: [Step: FieldSet] = [:]) {
    self.isMember = isMember
    self.children = children
  }

  /// The place below fields of these names.
  init(path: [String]) {
    self = path.reversed().reduce(.leaf) { FieldSet(children: [.field($1): $0]) }
  }
}

extension FieldSet {
  mutating func formUnion(_ other: FieldSet) {
    if other.isMember { self.isMember = true }
    for (step, child) in other.children {
      if let index = self.children.index(forKey: step) {
        self.children.values[index].formUnion(child)
      } else {
        self.children[step] = child
      }
    }
  }

  mutating func subtract(_ other: FieldSet) {
    if other.isMember { self.isMember = false }
    for (step, gone) in other.children {
      guard let index = self.children.index(forKey: step) else { continue }
      self.children.values[index].subtract(gone)
      if self.children.values[index].isEmpty { self.children.remove(at: index) }
    }
  }

  func union(_ other: FieldSet) -> FieldSet {
    var result = self
    result.formUnion(other)
    return result
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    var result = self
    result.subtract(other)
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

  /// Whether any place is in both sets; `written` is the other one as `fieldsV1` keeps it.
  func intersects(written: JSONValue) -> Bool {
    guard case .object(let fields) = written else { return false }
    if self.isMember, fields.isEmpty || fields["."] != nil { return true }
    return self.children.contains { step, child in fields[step.written].map(child.intersects) ?? false }
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
}

/// The form in which `fieldsV1` keeps a set.
extension FieldSet {
  var json: JSONValue {
    var fields = [String: JSONValue](minimumCapacity: self.children.count + 1)
    for (step, child) in self.children { fields[step.written] = child.children.isEmpty ? .object([:]) : child.json }
    if self.isMember, !self.children.isEmpty { fields["."] = .object([:]) }
    return .object(fields)
  }

  /// Reads `fieldsV1` that this server wrote.
  init(json: JSONValue) {
    for (name, child) in json.objectValue ?? [:] {
      guard name != "." else {
        self.isMember = true
        continue
      }
      let fields = child.objectValue ?? [:]
      self.children[Step(written: name)] = fields.isEmpty ? .leaf : FieldSet(json: child)
    }
  }

  /// Reads `fieldsV1` that a client wrote; nil if it is none.
  init?(checking json: JSONValue) {
    guard let fields = json.objectValue else { return nil }
    for (name, child) in fields {
      guard name != "." else {
        self.isMember = true
        continue
      }
      guard let step = Self.step(name), let fields = child.objectValue,
        let below = fields.isEmpty ? .leaf : FieldSet(checking: child)
      else { return nil }
      self.children[step] = below
    }
  }

  /// The step in the one form in which steps compare.
  private static func step(_ name: String) -> Step? {
    let rest = name.dropFirst(2)
    if name.hasPrefix("f:") { return .field(String(rest)) }
    guard name.hasPrefix("k:") || name.hasPrefix("v:") else { return nil }
    guard let value = try? JSONValue(parsing: Array(rest.utf8)) else { return nil }  // No JSON means no step.
    if name.hasPrefix("v:") { return .value(value) }
    return value.objectValue == nil ? nil : .key(value)
  }
}

/// The form in which errors print a set.
extension FieldSet {
  /// Every place in the set: `.spec.containers[name="main"].image`.
  var paths: [String] {
    var paths: [String] = self.isMember ? [""] : []
    for (step, child) in self.children { paths += child.paths.map { step.text + $0 } }
    return paths.sorted()
  }
}

extension FieldSet.Step {
  /// The step as errors print it.
  var text: String {
    let rest = self.written.dropFirst(2)
    if self.written.hasPrefix("f:") { return ".\(rest)" }
    if self.written.hasPrefix("v:") { return "[=\(rest)]" }
    let keys = (try? JSONValue(parsing: Array(rest.utf8)))?.objectValue ?? [:]  // Was written from JSON.
    return "[" + keys.sorted { $0.key < $1.key }.map { "\($0.key)=\(FieldFault.text($0.value))" }.joined(separator: ",")
      + "]"
  }
}
