package import CarrierSDK
package import GRPCCore
import KubernetesModel
import UmpireModel

extension ServerChange {
  /// What comes before the keys of labels and annotations that games set.
  package static let gamePrefix = "umpire.dev/sdk-"
  /// The largest value of an annotation, in bytes; all annotations of an object share 256 KiB.
  package static let annotationBytes = 32 << 10

  /// The prefixes that a game may have put there itself; they are not put there twice.
  private static let knownPrefixes = [Self.gamePrefix, "carrier.ocgi.dev/sdk-"]
  /// What others write: the controller from what it sees, or the controller's request to end.
  private static let reservedConditions: Set<String> = [
    ConditionTypes.ready, ConditionTypes.deletable, ConditionTypes.shutdownRequested,
  ]

  /// The change that a game asks for.
  ///
  /// The value of a condition is true if it is `True` exactly, and false if it is anything else.
  ///
  /// - Throws: `invalidArgument` with what is wrong with the key or the value, `permissionDenied` for a condition that
  ///   is not the game's.
  package init(_ field: SDKField, _ pair: Carrier_Dev_Sdk_KeyValue) throws(RPCError) {
    switch field {
    case .label:
      let key = try Self.prefixed(pair.key)
      try Self.check("the value", LabelSyntax.fault(inValue: pair.value))
      self = .label(key: key, value: pair.value)
    case .annotation:
      let key = try Self.prefixed(pair.key)
      try Self.check(
        "the value",
        pair.value.utf8.count > Self.annotationBytes ? "must be no more than \(Self.annotationBytes) bytes" : nil)
      self = .annotation(key: key, value: pair.value)
    case .condition:
      try Self.check("the type", LabelSyntax.fault(inKey: pair.key))
      guard !Self.reservedConditions.contains(pair.key) else {
        throw RPCError(code: .permissionDenied, message: "condition \(pair.key) is not the game server's to set")
      }
      let isTrue = pair.value == "True"
      self = .condition(type: pair.key, isTrue: isTrue, reason: Self.reason(pair.key, isTrue))
    }
  }

  private static func prefixed(_ key: String) throws(RPCError) -> String {
    let known = self.knownPrefixes.first { key.hasPrefix($0) } ?? ""
    let name = key.dropFirst(known.count)
    try self.check("the key", name.isEmpty ? "must not be empty" : nil)
    let whole = self.gamePrefix + name
    try self.check("the key, with the prefix \(self.gamePrefix),", LabelSyntax.fault(inKey: whole))
    return whole
  }

  /// The reason that `/allow_delete` gives, so that both ways leave the same.
  private static func reason(_ type: String, _ isTrue: Bool) -> String {
    if type == SidecarFlag.deleteAllowed.conditionType { return SidecarFlag.deleteAllowed.reason(for: isTrue) }
    return "SetByGameServer"
  }

  private static func check(_ what: String, _ fault: String?) throws(RPCError) {
    guard let fault else { return }
    throw RPCError(code: .invalidArgument, message: "\(what) is refused: \(fault)")
  }
}
