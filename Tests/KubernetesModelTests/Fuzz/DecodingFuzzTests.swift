import KubernetesModel
import TestSupport
import Testing

/// Objects changed at random are read, or refused at the same place, as by Foundation's decoder.
@Suite struct DecodingFuzzTests {
  private static let meta = #"""
    {"name":"a","namespace":"n","uid":"7b6f3c1e-0000-4000-8000-000000000001","resourceVersion":"12","generation":3,
    "creationTimestamp":"2026-01-02T03:04:05Z","deletionTimestamp":null,"deletionGracePeriodSeconds":30,
    "labels":{"app":"x"},"annotations":{"note":"y"},"finalizers":["f"],"managedFields":[{"fieldsV1":{"f:spec":{}}}],
    "ownerReferences":[{"apiVersion":"v1","kind":"K","name":"o","uid":"u","controller":true}]}
    """#
  private static let pod = #"""
    {"apiVersion":"v1","kind":"Pod","metadata":\#(Self.meta),"spec":{"containers":[{"name":"game","image":"i",
    "env":[{"name":"A","value":"1"}],"ports":[{"containerPort":7777}],"x":1.5}],"nodeName":"n","unknown":[null,{}]},
    "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True",
    "lastTransitionTime":"2026-01-02T03:04:05+01:00"}],"podIP":"10.0.0.1","startTime":"2026-01-02T03:04:05Z",
    "containerStatuses":[{"name":"game","ready":true,"restartCount":2,"image":"i","imageID":"d","started":true,
    "state":{"running":{"startedAt":"2026-01-02T03:04:05Z"}},"lastState":{"terminated":{"exitCode":1,"reason":"E"}}}]}}
    """#
  private static let event = #"""
    {"metadata":\#(Self.meta),"involvedObject":{"kind":"Pod","name":"a","fieldPath":"spec"},"reason":"R","message":"m",
    "type":"Warning","source":{"component":"c"},"firstTimestamp":"2026-01-02T03:04:05Z","count":7}
    """#
  private static let lease = #"""
    {"metadata":\#(Self.meta),"spec":{"holderIdentity":"h","leaseDurationSeconds":15,
    "acquireTime":"2026-01-02T03:04:05.123456Z","renewTime":null,"leaseTransitions":0}}
    """#
  private static let secret = #"{"metadata":\#(Self.meta),"data":{"token":"YQ=="},"type":"Opaque","immutable":true}"#
  private static let service = #"""
    {"metadata":\#(Self.meta),"spec":{"selector":{"a":"b"},"ports":[{"port":80,"targetPort":"http"},{"port":81}]}}
    """#
  private static let status = #"""
    {"kind":"Status","metadata":{},"status":"Failure","message":"m","reason":"Invalid","code":422,
    "details":{"name":"a","causes":[{"reason":"r","message":"m","field":"f"}],"retryAfterSeconds":1}}
    """#

  private func check<Value: Codable>(_ type: Value.Type, _ text: String, seed: UInt64) throws {
    let counts = try DecodingComparison(seed: seed).compare(type, text, rounds: 120)
    #expect(counts.values > 10, "\(type)")
    #expect(counts.refusals > 10, "\(type)")
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func objectsOfKubernetes(seed: UInt64) throws {
    try self.check(Pod.self, Self.pod, seed: seed)
    try self.check(Event.self, Self.event, seed: seed)
    try self.check(Lease.self, Self.lease, seed: seed)
    try self.check(Secret.self, Self.secret, seed: seed)
    try self.check(Service.self, Self.service, seed: seed)
    try self.check(Status.self, Self.status, seed: seed)
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func anyJSON(seed: UInt64) throws {
    var source = FuzzSource(seed: seed)
    for _ in 0..<500 {
      let json = source.json()
      let bytes = source.spelled(json)
      #expect(try JSONText(parsing: bytes).decoded(as: JSONValue.self) == json)
      #expect(try JSONValue(parsing: bytes) == json)
      try DecodingComparison.outcome(JSONValue.self, bytes)
    }
  }
}
