/// What keeps Pods off a node, unless they tolerate it.
public struct Taint: Sendable, Hashable, Codable {
  /// Such as `node.kubernetes.io/unreachable`.
  public var key: String
  /// Empty if the key says everything.
  public var value: String?
  /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
  public var effect: String

  /// Creates a taint.
  public init(key: String, value: String? = nil, effect: String) {
    self.key = key
    self.value = value
    self.effect = effect
  }

  /// Whether an element of a Pod's `tolerations` tolerates the taint.
  ///
  /// An empty key with `Exists` stands for every key, an empty effect for every effect.
  public func isTolerated(by toleration: JSONValue) -> Bool {
    let effect = toleration["effect"]?.stringValue ?? ""
    guard effect.isEmpty || effect == self.effect else { return false }
    let key = toleration["key"]?.stringValue ?? ""
    if toleration["operator"]?.stringValue == "Exists" { return key.isEmpty || key == self.key }
    return key == self.key && toleration["value"]?.stringValue ?? "" == self.value ?? ""
  }
}

extension PodSpec {
  /// Whether the Pod tolerates a taint.
  public func tolerates(_ taint: Taint) -> Bool {
    (self.fields["tolerations"]?.arrayValue ?? []).contains { taint.isTolerated(by: $0) }
  }

  /// The scheduler that is to find a node for the Pod; `default-scheduler` if none is named.
  public var schedulerName: String { self.fields["schedulerName"]?.stringValue ?? "default-scheduler" }
}
