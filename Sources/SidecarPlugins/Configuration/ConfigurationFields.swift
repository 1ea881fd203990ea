package import KubernetesModel
import UmpireModel

/// The fields of an object in the configuration file, which notes what is wrong with them as they are read.
///
/// Keys are found in any case, as Go's `encoding/json` does. Whoever reads a field thereby knows it; what nobody has
/// read is reported as unknown. Not to be kept beyond the reading.
package final class ConfigurationFields {
  /// Where the object stands, such as `plugins[http_probe].config.endpoints[0]`.
  package let path: String
  /// Whether there is an API server; what needs one is refused without.
  package var hasAPIServer: Bool { self.findings.context.hasAPIServer }
  /// The sidecar's own environment.
  package var environment: [String: String] { self.findings.context.environment }

  private let fields: [String: JSONValue]
  private let findings: ConfigurationFindings
  private var known: [String] = []

  init(_ fields: [String: JSONValue], path: String, findings: ConfigurationFindings) {
    self.fields = fields
    self.path = path
    self.findings = findings
    findings.opened(self)
  }

  // MARK: Values

  /// The value as it is; nil if there is none, or null.
  package func value(_ key: String) -> JSONValue? {
    if !self.known.contains(key) { self.known.append(key) }
    let folded = key.lowercased()
    let name = self.fields[key] != nil ? key : self.fields.keys.filter { $0.lowercased() == folded }.min()
    guard let name, let value = self.fields[name], !value.isNull else { return Optional.none }
    return value
  }

  /// Whether the field is there.
  package func has(_ key: String) -> Bool { self.value(key) != nil }

  /// A text; nil if there is none.
  package func text(_ key: String, atMost limit: Int = 4096) -> String? {
    guard let value = self.value(key) else { return nil }
    guard let text = value.stringValue else {
      self.findings.error(.type(self.place(key), value, "must be a string; put it in quotes"))
      return nil
    }
    guard text.utf8.count <= limit else {
      self.findings.error(.tooLong(self.place(key), limit))
      return nil
    }
    return text
  }

  /// A text that must be there and not be empty.
  package func requiredText(_ key: String, atMost limit: Int = 4096, _ detail: String = "") -> String {
    let count = self.findings.problems.count
    let text = self.text(key, atMost: limit) ?? ""
    if text.isEmpty, self.findings.problems.count == count { self.require(key, detail) }
    return text
  }

  /// A whole number.
  package func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
    guard let value = self.value(key) else { return standard }
    guard let number = value.integerValue else {
      self.findings.error(.type(self.place(key), value, "must be a whole number"))
      return standard
    }
    guard let number = Int(exactly: number), range.contains(number) else {
      self.refuse(key, "must be from \(range.lowerBound) to \(range.upperBound)")
      return standard
    }
    return number
  }

  /// A port that can be listened on or connected to.
  package func port(_ key: String, default standard: Int?) -> Int {
    if standard == nil, self.value(key) == nil { self.require(key) }
    return self.integer(key, default: standard ?? 0, in: standard == nil ? 1...65535 : 0...65535)
  }

  /// A truth value.
  package func bool(_ key: String, default standard: Bool) -> Bool {
    guard let value = self.value(key) else { return standard }
    guard let bool = value.boolValue else {
      self.findings.error(.type(self.place(key), value, "must be true or false"))
      return standard
    }
    return bool
  }

  /// One of the texts that a type knows; nil if there is none.
  package func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: String, of type: Value.Type) -> Value? {
    guard let text = self.text(key) else { return nil }
    guard let value = Value(rawValue: text) else {
      self.findings.error(
        .notSupported(self.place(key), .string(text), Value.allCases.map { .string($0.rawValue) }))
      return nil
    }
    return value
  }

  /// A list of texts; empty if there is none.
  package func texts(_ key: String, atMost limit: Int = 100) -> [String] {
    self.elements(key, atMost: limit).enumerated().compactMap { index, element in
      guard let text = element.stringValue else {
        self.findings.error(.type("\(self.place(key))[\(index)]", element, "must be a string; put it in quotes"))
        return nil
      }
      return text
    }
  }

  /// An object whose values are all texts; empty if there is none.
  package func textsByKey(_ key: String, atMost limit: Int = 100) -> [String: String] {
    guard let value = self.value(key) else { return [:] }
    guard let fields = value.objectValue else {
      self.findings.error(.type(self.place(key), value, "must be an object"))
      return [:]
    }
    if fields.count > limit { self.findings.error(.tooMany(self.place(key), fields.count, limit)) }
    var texts: [String: String] = [:]
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      guard let text = value.stringValue else {
        self.findings.error(.type("\(self.place(key))[\(name)]", value, "must be a string; put it in quotes"))
        continue
      }
      texts[name] = text
    }
    return texts
  }

  /// An object; nil if there is none.
  package func object(_ key: String) -> ConfigurationFields? {
    guard let value = self.value(key) else { return nil }
    guard let fields = value.objectValue else {
      self.findings.error(.type(self.place(key), value, "must be an object"))
      return nil
    }
    return ConfigurationFields(fields, path: self.place(key), findings: self.findings)
  }

  /// A list of objects; empty if there is none.
  package func objects(_ key: String, atMost limit: Int = 100) -> [ConfigurationFields] {
    self.elements(key, atMost: limit).enumerated().compactMap { index, element in
      let path = "\(self.place(key))[\(index)]"
      guard let fields = element.objectValue else {
        self.findings.error(.type(path, element, "must be an object"))
        return nil
      }
      return ConfigurationFields(fields, path: path, findings: self.findings)
    }
  }

  private func elements(_ key: String, atMost limit: Int) -> [JSONValue] {
    guard let value = self.value(key) else { return [] }
    guard let elements = value.arrayValue else {
      self.findings.error(.type(self.place(key), value, "must be a list"))
      return []
    }
    guard elements.count <= limit else {
      self.findings.error(.tooMany(self.place(key), elements.count, limit))
      return []
    }
    return elements
  }

  // MARK: Findings

  /// Reports that a field has to be there.
  package func require(_ key: String, _ detail: String = "") {
    self.findings.error(.required(self.place(key), detail))
  }

  /// Reports that the value of a field cannot be used, and shows the value.
  package func refuse(_ key: String, _ detail: String) {
    self.findings.error(.invalid(self.place(key), self.value(key) ?? .null, detail))
  }

  /// Reports that the value of a field cannot be used, without showing it.
  package func refuseSecret(_ key: String, _ detail: String) {
    self.findings.error(
      FieldFault(field: self.place(key), reason: "FieldValueInvalid", message: "Invalid value: \(detail)"))
  }

  /// Reports that a field may not be there.
  package func forbid(_ key: String, _ detail: String) {
    self.findings.error(.forbidden(self.place(key), detail))
  }

  /// Tells a person something about a field that is used all the same.
  package func warn(_ key: String, _ detail: String) {
    self.findings.warning(self.place(key), detail)
  }

  /// Knows a field that has no effect, and says so if it is there.
  package func ignore(_ key: String, _ detail: String) {
    if self.has(key) { self.warn(key, "has no effect: \(detail)") }
  }

  private func place(_ key: String) -> String { self.path.isEmpty ? key : "\(self.path).\(key)" }

  /// Reports what nobody has asked for, and keys that are there twice but for their case.
  func reportUnknown() {
    var seen: [String: String] = [:]
    for key in self.fields.keys.sorted() {
      let folded = key.lowercased()
      if let other = seen[folded] {
        self.findings.error(.duplicate(self.place(key), .string(other)))
      }
      seen[folded] = key
      guard !self.known.contains(where: { $0.lowercased() == folded }) else { continue }
      let nearest = NearestName.of(key, among: self.known).map { "; did you mean '\($0)'?" } ?? ""
      self.findings.warning(self.place(key), "is not known and has no effect\(nearest)")
    }
  }
}
