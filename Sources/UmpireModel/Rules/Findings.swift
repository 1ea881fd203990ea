import KubernetesModel

/// Gathers what is wrong with an object while its fields are looked at one by one.
struct Findings {
  private(set) var problems: [FieldProblem] = []

  mutating func error(_ fault: FieldFault) { self.problems.append(FieldProblem(fault, .error)) }

  mutating func warning(_ fault: FieldFault) { self.problems.append(FieldProblem(fault, .warning)) }

  mutating func require(_ path: FieldPath, _ detail: String = "") {
    self.error(.required(path.description, detail))
  }

  mutating func refuse(_ path: FieldPath, _ value: JSONValue, _ detail: String) {
    self.error(.invalid(path.description, value, detail))
  }

  mutating func forbid(_ path: FieldPath, _ detail: String) { self.error(.forbidden(path.description, detail)) }

  // MARK: Numbers and durations

  mutating func check(_ path: FieldPath, _ number: Int64, in range: ClosedRange<Int64>) {
    guard !range.contains(number) else { return }
    self.refuse(path, .integer(number), "must be from \(range.lowerBound) to \(range.upperBound)")
  }

  mutating func check(_ path: FieldPath, _ duration: GoDuration) {
    if duration < GoDuration(.zero) {
      self.refuse(path, .string(duration.description), "must not be negative")
    } else if duration > Self.longestDuration {
      self.refuse(path, .string(duration.description), "must be at most 8760h")
    }
  }

  /// A year: nobody means more.
  private static let longestDuration = GoDuration(.seconds(8760 * 3600))

  /// A number of Servers, or a share of those that there are.
  mutating func check(_ path: FieldPath, _ share: IntegerOrPercent, atLeast least: Int64) {
    switch share {
    case .integer(let number): self.check(path, number, in: least...Self.mostReplicas)
    case .percent(let percent) where percent > 9999:
      self.refuse(path, .string("\(percent)%"), "must be at most 9999%")
    case .percent: ()
    }
  }

  /// What a count of Servers can be.
  static let mostReplicas = Int64(Int32.max)

  // MARK: Texts

  mutating func check(_ path: FieldPath, _ text: String, atMost limit: Int) {
    // A schema counts characters as Unicode does.
    if text.unicodeScalars.count > limit { self.error(.tooLong(path.description, limit)) }
  }

  /// A text that must be there, with what may be wrong with it.
  mutating func check(_ path: FieldPath, _ text: String, by rule: (String) -> String?) {
    if text.isEmpty {
      self.require(path)
    } else if let fault = rule(text) {
      self.refuse(path, .string(text), fault)
    }
  }

  /// The name of an object.
  mutating func checkName(_ path: FieldPath, _ name: String) {
    self.check(path, name) { LabelSyntax.fault(inSubdomain: $0) }
  }

  /// The type of a condition.
  mutating func checkType(_ path: FieldPath, _ type: String) {
    self.check(path, type) { LabelSyntax.fault(inKey: $0) }
  }

  mutating func checkImage(_ path: FieldPath, _ image: String) {
    if image.isEmpty { self.require(path) }
    self.check(path, image, atMost: 1024)
  }

  // MARK: Lists

  mutating func checkCount(_ path: FieldPath, _ count: Int, atMost limit: Int) {
    if count > limit { self.error(.tooMany(path.description, count, limit)) }
  }

  /// Faults for what is in a list again, at its second place.
  ///
  /// - Parameter value: what is shown of an element.
  mutating func checkUnique(_ path: FieldPath, _ keys: [String], value: (String) -> JSONValue = { .string($0) }) {
    var counts: [String: Int] = [:]
    for (index, key) in keys.enumerated() {
      counts[key, default: 0] += 1
      if counts[key] == 2 { self.error(.duplicate(path[index].description, value(key))) }
    }
  }

  // MARK: Names

  /// The name of an object that is a label's value on its children.
  mutating func checkOwnName(_ metadata: ObjectMeta) {
    guard let name = metadata.name, name.utf8.count > Self.longestLabel else { return }
    self.error(.tooLong("metadata.name", Self.longestLabel))
  }

  /// What a label's value may have.
  private static let longestLabel = 63
}
