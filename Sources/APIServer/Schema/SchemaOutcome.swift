import KubernetesModel

/// What checking a value against a schema found.
struct SchemaOutcome: Sendable {
  /// A server lists this many faults of one object at most.
  static let maximumFaults = 100

  private(set) var faults: [FieldFault] = []
  /// How many checks the value passed, which tells the alternative of several that it comes closest to.
  private(set) var matches = 0

  var isValid: Bool { self.faults.isEmpty }

  mutating func add(_ fault: FieldFault) {
    guard self.faults.count < Self.maximumFaults else { return }
    self.faults.append(fault)
  }

  mutating func countMatches(_ count: Int = 1) { self.matches += count }

  mutating func merge(_ other: SchemaOutcome) {
    self.faults += other.faults.prefix(Self.maximumFaults - self.faults.count)
    self.matches += other.matches
  }

  /// Forgives every fault.
  mutating func forgive() { self.faults = [] }
}
