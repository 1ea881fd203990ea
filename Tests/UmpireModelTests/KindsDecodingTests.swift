import KubernetesModel
import TestSupport
import Testing
import UmpireModel

/// The kinds, read from a text and changed at random, are what Foundation's decoder makes of them.
@Suite struct KindsDecodingTests {
  private static let pod = #"{"containers":[{"name":"game","image":"i","x":{"y":[1]}}],"unknown":1.5}"#
  private static let server = #"""
    {"pod":\#(Self.pod),"timeout":"40m0s","allowForceDelete":true,"readinessGates":["a"],"deletableGates":[],
    "constraints":[{"type":"c","effective":false,"timeAdded":"2026-01-02T03:04:05Z"}],"opsState":"Allocated",
    "webhookConfigurationName":"w","sidecar":{"enabled":true,"startOrder":"After","port":81,"resources":{"limits":{}}}}
    """#
  private static let conditions = #"[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z"}]"#
  private static let meta = #"{"name":"a","namespace":"n","labels":{"l":"m"},"finalizers":["f"]}"#
  private static let fleet = #"""
    {"scaling":{"replicas":3,"prioritizeAllowed":false,"agePriority":"newest_first","scaleDown":"Drain"},
    "spec":\#(Self.server)}
    """#

  private func check<Value: Codable>(_ type: Value.Type, _ text: String, seed: UInt64) throws {
    let counts = try DecodingComparison(seed: seed).compare(type, text, rounds: 150)
    #expect(counts.values > 10, "\(type)")
    #expect(counts.refusals > 10, "\(type)")
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func theKindsThatRun(seed: UInt64) throws {
    try self.check(
      Server.self,
      #"""
      {"metadata":\#(Self.meta),"spec":\#(Self.server),"status":{"state":"Ready","conditions":\#(Self.conditions),
      "address":"10.0.0.1","observedGeneration":1}}
      """#, seed: seed)
    try self.check(
      Fleet.self,
      #"""
      {"metadata":\#(Self.meta),"spec":\#(Self.fleet),"status":{"replicas":3,"readyReplicas":1,"selector":"a=b",
      "conditions":\#(Self.conditions)}}
      """#, seed: seed)
    try self.check(
      GameType.self,
      #"""
      {"metadata":\#(Self.meta),"spec":{"fleetSpec":\#(Self.fleet),"paused":true,"updateStrategy":
      {"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":1}}},"status":{"fleetName":"f"}}
      """#, seed: seed)
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func theKindsThatAsk(seed: UInt64) throws {
    try self.check(
      GameAutoscaler.self,
      #"""
      {"metadata":\#(Self.meta),"spec":{"gameName":"g","policy":{"type":"webhook","webhook":{"url":"http://a","service":
      {"name":"s","port":80},"dialect":"ScaleReview","parameters":{"p":"q"}}},"sync":{"type":"fixedinterval",
      "interval":"1m30s"},"minReplicas":1,"maxReplicas":9,"behavior":{"scaleUp":{"maxStep":"10%"}},
      "failurePolicy":"Fallback","fallbackReplicas":2},"status":{"lastReview":{"uid":"u","latency":"15ms"}}}
      """#, seed: seed)
    try self.check(
      WebhookConfiguration.self,
      #"""
      {"metadata":\#(Self.meta),"webhooks":[{"name":"w","type":"ScalingWebhook","clientConfig":{"caBundle":"YQ=="},
      "requestPolicy":"Once","caller":"Controller","signingSecretRef":{"name":"s","key":"k"}}],
      "status":{"webhooks":[{"name":"w","lastSuccessTime":"2026-01-02T03:04:05Z","latency":"1ms"}]}}
      """#, seed: seed)
    try self.check(
      WebhookReview.self,
      #"""
      {"request":{"uid":"u","name":"n","namespace":"n","status":"Created","constraints":[{"type":"t"}],
      "scaling":{"gameName":"g","currentReplicas":1,"readyReplicas":1,"minReplicas":0,"maxReplicas":5}},
      "response":{"uid":"u","allowed":true,"scaling":{"scale":true,"desiredReplicas":2}}}
      """#, seed: seed)
  }
}
