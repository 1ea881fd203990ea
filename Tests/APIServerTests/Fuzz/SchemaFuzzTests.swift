import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// Random schemas and values: what the schema does to a value ends, and doing it twice changes nothing more.
struct SchemaFuzzTests {
  private func schema(_ source: inout FuzzSource, depth: Int = 4) -> JSONValue {
    var schema: JSONValue = .object([:])
    let type = source.pick(["object", "array", "string", "integer", "number", "boolean"])
    schema["type"] = .string(type)
    if source.isOne(in: 5) { schema["nullable"] = true }
    if source.isOne(in: 6) { schema["x-kubernetes-int-or-string"] = true }
    if source.isOne(in: 4) { schema["default"] = source.json(depth: 2) }
    if source.isOne(in: 6) { schema["enum"] = .array([source.scalar(), source.scalar()]) }
    for bound in ["minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxProperties"]
    where source.isOne(in: 6) { schema[bound] = source.scalar() }
    if source.isOne(in: 6) {
      schema["pattern"] = .string(source.pick(["^a*$", "(a|b)+c?", "[^x]{0,3}", "\\d+", ".", "((((a"]))
    }
    guard depth > 0 else { return schema }
    if type == "array" || source.isOne(in: 8) {
      schema["items"] = self.schema(&source, depth: depth - 1)
      if source.isOne(in: 2) { schema["x-kubernetes-list-type"] = .string(source.pick(["set", "map", "atomic"])) }
      schema["x-kubernetes-list-map-keys"] = [.string(source.name())]
      if source.isOne(in: 4) { schema["uniqueItems"] = true }
    }
    var properties: [String: JSONValue] = [:]
    for _ in 0..<source.number(below: 4) { properties[source.name()] = self.schema(&source, depth: depth - 1) }
    if !properties.isEmpty { schema["properties"] = .object(properties) }
    if source.isOne(in: 4) { schema["additionalProperties"] = self.schema(&source, depth: depth - 1) }
    if source.isOne(in: 5) { schema["x-kubernetes-preserve-unknown-fields"] = true }
    if source.isOne(in: 5) { schema["required"] = [.string(source.name())] }
    for combination in ["allOf", "anyOf", "oneOf"] where source.isOne(in: 8) {
      schema[combination] = .array([self.schema(&source, depth: 1), self.schema(&source, depth: 1)])
    }
    return schema
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func pruningDefaultingAndValidation(seed: UInt64) throws {
    var source = FuzzSource(seed: seed)
    for _ in 0..<400 {
      // A pattern that is none makes a schema that is refused.
      guard let schema = try? StructuralSchema(self.schema(&source)) else { continue }
      for _ in 0..<4 {
        var value = source.json(depth: 5)
        _ = schema.prune(&value)
        let pruned = value
        #expect(schema.prune(&value) == [])
        #expect(value == pruned)
        schema.applyDefaults(to: &value)
        // Defaults that were filled in at one level are filled at the next time below.
        #expect(schema.faults(in: value).count <= 10 * SchemaOutcome.maximumFaults)
      }
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func ownershipOfWhatIsApplied(seed: UInt64) throws {
    var source = FuzzSource(seed: seed)
    for _ in 0..<400 {
      guard let schema = try? StructuralSchema(self.schema(&source)) else { continue }
      let old = source.json(depth: 5)
      let new = source.json(depth: 5)
      // A whole object is no place of itself, but a field of it is.
      func below(_ set: FieldSet) -> FieldSet {
        FieldSet(children: set.isEmpty ? [:] : [.field("value"): set])
      }
      let set = FieldSet.of(new, schema)
      #expect(FieldSet(json: set.json).json == set.json)
      #expect(set.subtracting(set).isEmpty)
      #expect(set.intersection(set) == set)
      #expect(FieldSet(checking: below(set).json) == below(set))
      #expect(FieldChanges(from: new, to: new, schema).isEmpty)
      let changes = FieldChanges(from: old, to: new, schema)
      #expect(changes.changed.subtracting(.filled(by: new, schema)).isEmpty)
      #expect(changes.removed.subtracting(.filled(by: old, schema)).isEmpty)
      #expect(changes.changed.intersection(changes.removed).isEmpty)
      #expect(!below(changes.changed).intersects(written: below(changes.removed).json))
      _ = ManagedFields.Request(.array([old, new]))
      var merged = old
      merged.merge(applied: new, schema)
      var again = merged
      again.merge(applied: new, schema)
      #expect(again == merged)
      merged.remove(set, keeping: FieldSet.of(old, schema), schema)
      _ = FieldChanges(from: old, to: merged, schema)
      _ = set.paths
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func strategicMergesAreMadeOrRefused(seed: UInt64) {
    var source = FuzzSource(seed: seed)
    for _ in 0..<2_000 {
      let list = source.pick(["containers", "ports", "finalizers", "env", "conditions"])
      var patch = source.json()
      if patch.objectValue != nil {
        for name in [list, "$setElementOrder/\(list)", "$deleteFromPrimitiveList/\(list)", "$retainKeys"]
        where source.isOne(in: 2) { patch[name] = source.json() }
      }
      // Refusals are failures that the client is told of; anything else would be a crash.
      _ = try? StrategicMerge.apply(
        patch, to: [list: source.json()].reduce(into: JSONValue.object([:])) { $0[$1.key] = $1.value })
    }
  }
}
