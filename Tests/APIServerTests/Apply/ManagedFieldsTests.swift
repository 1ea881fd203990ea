import KubernetesModel
import Testing

@testable import APIServer

struct ManagedFieldsTests {
  private static let start = Timestamp(secondsSinceEpoch: 1_767_225_600)

  private func time(_ seconds: Int) -> Timestamp { Self.start.advanced(by: .seconds(seconds)) }

  private func owner(
    _ manager: String, _ operation: ManagedFields.Entry.Operation = .update, subresource: String = "",
    version: String = "v1"
  ) -> ManagedFields.Owner {
    ManagedFields.Owner(manager: manager, operation: operation, subresource: subresource, apiVersion: version)
  }

  private func changes(_ changed: [String] = [], removed: [String] = []) -> FieldChanges {
    var changes = FieldChanges()
    for name in changed { changes.changed.formUnion(FieldSet(path: ["data", name])) }
    for name in removed { changes.removed.formUnion(FieldSet(path: ["data", name])) }
    return changes
  }

  /// `manager/subresource: fields @ seconds` of each entry, in order.
  private func summary(_ fields: ManagedFields) -> [String] {
    ManagedFields(Self.object(fields.json)).entries.map { entry in
      let name = entry.subresource.isEmpty ? entry.manager : "\(entry.manager)/\(entry.subresource)"
      let seconds = Timestamp(entry.time)?.duration(since: Self.start).components.seconds ?? -1
      let paths = entry.fields.paths.map { $0.replacing(".data.", with: "") }.joined(separator: " ")
      return "\(entry.operation.rawValue) \(name): \(paths) @ \(seconds)"
    }
  }

  private static func object(_ managed: JSONValue?) -> APIObject {
    var object = APIObject([:])
    object[metadata: "managedFields"] = managed
    return object
  }

  @Test func whatIsWrittenGoesFromOneOwnerToTheNext() {
    var fields = ManagedFields()
    fields.record(self.changes(["a", "b", "c"]), by: self.owner("one"), at: self.time(0))
    fields.entries.append(
      ManagedFields.Entry(
        self.owner("applier", .apply), time: self.time(0).description, self.changes(["b", "d"]).changed))
    fields.record(self.changes(["b", "d"]), by: self.owner("two"), at: self.time(1))
    // Who owns nothing any more is gone, who applied it too.
    #expect(self.summary(fields) == ["Update one: a c @ 0", "Update two: b d @ 1"])
    fields.record(self.changes(["e"], removed: ["a", "d"]), by: self.owner("one"), at: self.time(2))
    #expect(self.summary(fields) == ["Update two: b @ 1", "Update one: c e @ 2"])
  }

  @Test func whatRemovesOnlyGetsNoEntryAndKeepsItsTime() {
    var fields = ManagedFields()
    fields.record(self.changes(["a", "b"]), by: self.owner("one"), at: self.time(0))
    fields.record(self.changes(removed: ["a"]), by: self.owner("one"), at: self.time(1))
    fields.record(self.changes(removed: ["c"]), by: self.owner("two"), at: self.time(1))
    #expect(self.summary(fields) == ["Update one: b @ 0"])
    fields.record(self.changes(), by: self.owner("two"), at: self.time(2))
    #expect(self.summary(fields) == ["Update one: b @ 0"])
    fields.record(self.changes(removed: ["b"]), by: self.owner("two"), at: self.time(3))
    #expect(fields.json == nil)
  }

  @Test func ownersAreToldApartByOperationSubresourceAndVersion() {
    var fields = ManagedFields()
    fields.entries.append(
      ManagedFields.Entry(self.owner("one", .apply), time: self.time(9).description, self.changes(["a"]).changed))
    fields.record(self.changes(["b"]), by: self.owner("one"), at: self.time(1))
    fields.record(self.changes(["c"]), by: self.owner("one", subresource: "status"), at: self.time(2))
    fields.record(self.changes(["d"]), by: self.owner("one", version: "v2"), at: self.time(3))
    fields.record(self.changes(["e"]), by: self.owner("one"), at: self.time(4))
    #expect(
      self.summary(fields)
        == ["Apply one: a @ 9", "Update one/status: c @ 2", "Update one: d @ 3", "Update one: b e @ 4"])
    #expect(fields.entries.contains { $0.belongs(to: self.owner("one", .apply, version: "v2")) })
  }

  @Test func theOldestUpdatersBecomeOne() {
    var fields = ManagedFields()
    for number in 0..<10 {
      fields.record(self.changes(["f\(number)"]), by: self.owner("m\(number)"), at: self.time(number))
    }
    #expect(fields.entries.count == 10)
    fields.record(self.changes(["x"]), by: self.owner("m10"), at: self.time(10))
    #expect(fields.entries.count == 10)
    #expect(self.summary(fields)[0] == "Update ancient-changes: f0 f1 @ 1")
    fields.record(self.changes(["y"]), by: self.owner("m11"), at: self.time(11))
    #expect(self.summary(fields)[0] == "Update ancient-changes: f0 f1 f2 @ 2")
    // Only what was written in one version is merged.
    fields.record(self.changes(["z"]), by: self.owner("old", version: "v0"), at: self.time(-9))
    #expect(
      self.summary(fields).prefix(2) == ["Update old: z @ -9", "Update ancient-changes: f0 f1 f2 f3 @ 3"])
    #expect(fields.entries.count == 10)
  }

  @Test func aClientMayReplaceOrForgetOwners() throws {
    let valid: JSONValue = [
      "manager": "one", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "extra": 1,
      "time": "2026-01-01T02:00:00+02:00", "fieldsV1": ["f:data": ["f:a": [:]]],
    ]
    guard case .replace(let fields) = ManagedFields.Request([valid]) else {
      Issue.record("valid managed fields are refused")
      return
    }
    #expect(self.summary(fields) == ["Update one: a @ 0"])
    #expect(fields.entries[0].json["extra"] == nil)
    #expect(ManagedFields.Request(nil) == .keep)
    #expect(ManagedFields.Request([]) == .reset)
    #expect(ManagedFields.Request([[:]]) == .reset)
    #expect(ManagedFields.Request([[:], [:]]) == .keep)
    for (field, wrong) in [
      ("operation", "Other"), ("apiVersion", ""), ("fieldsType", "FieldsV2"), ("time", "yesterday"),
      ("fieldsV1", ["x": 1]),
      ("manager", 1), ("manager", .string(String(repeating: "m", count: 129))), ("subresource", [:]),
    ] as [(String, JSONValue)] {
      var entry = valid
      entry[field] = wrong
      #expect(ManagedFields.Request([valid, entry]) == .keep, "\(field)")
    }
  }

  @Test func timesAloneAreNoDifference() {
    func fields(_ seconds: Int, _ name: String) -> ManagedFields {
      var fields = ManagedFields()
      fields.record(self.changes([name]), by: self.owner("one"), at: self.time(seconds))
      return fields
    }
    #expect(fields(0, "a").isSame(as: fields(5, "a")))
    #expect(!fields(0, "a").isSame(as: fields(0, "b")))
    #expect(!fields(0, "a").isSame(as: ManagedFields()))
  }
}
