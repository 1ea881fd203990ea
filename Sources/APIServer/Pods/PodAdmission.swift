import KubernetesModel

/// What a cluster adds to a Pod that a client creates, before webhooks see it: a service account and its token, a
/// priority, and tolerations.
///
/// Everything is a function on values; adding it twice is as good as once.
struct PodAdmission: Sendable {
  /// Where containers find the token.
  static let tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"
  /// The ConfigMap of each namespace with the certificate of the server's authority.
  static let rootCertificates = "kube-root-ca.crt"
  private static let volumePrefix = "kube-api-access-"
  /// The lifetime that kube-apiserver gives to such tokens, in seconds.
  private static let tokenLifetime: Int64 = 3607

  /// The priority of a Pod.
  struct Priority: Sendable, Hashable {
    /// The name of the class; empty if there is none.
    var name = ""
    var value: Int64 = 0
    var preemptionPolicy = "PreemptLowerPriority"
  }

  /// The Pod's account; nil if it does not exist.
  var account: APIObject?
  var priority: Priority
  /// Makes the ending of the volume's name.
  var suffix: @Sendable () -> String

  /// The name of the account that a Pod asks for.
  static func accountName(of pod: APIObject) -> String {
    for field in ["serviceAccountName", "serviceAccount"] {
      if let name = pod[path: "spec.\(field)"]?.stringValue, !name.isEmpty { return name }
    }
    return "default"
  }

  /// Adds everything to a Pod.
  func apply(to pod: inout APIObject) {
    var spec = pod.json["spec"] ?? .object([:])
    guard spec.objectValue != nil else { return }
    let name = Self.accountName(of: pod)
    spec["serviceAccountName"] = .string(name)
    spec["serviceAccount"] = .string(name)
    if let account {
      if spec["automountServiceAccountToken"]?.boolValue ?? account.json["automountServiceAccountToken"]?.boolValue
        ?? true
      {
        self.mountToken(&spec)
      }
      if (spec["imagePullSecrets"]?.arrayValue ?? []).isEmpty, let secrets = account.json["imagePullSecrets"],
        secrets.arrayValue?.isEmpty == false
      {
        spec["imagePullSecrets"] = secrets
      }
    }
    if !self.priority.name.isEmpty { spec["priorityClassName"] = .string(self.priority.name) }
    spec["priority"] = .integer(self.priority.value)
    spec["preemptionPolicy"] = .string(self.priority.preemptionPolicy)
    Self.addTolerations(&spec)
    pod.json["spec"] = spec
  }

  // MARK: The token

  private func mountToken(_ spec: inout JSONValue) {
    let present = (spec["volumes"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
      .first { $0.hasPrefix(Self.volumePrefix) }
    let name = present ?? Self.volumePrefix + self.suffix()
    var isMounted = false
    for list in ["initContainers", "containers"] {
      spec.mapElements(list) { container in
        guard container.objectValue != nil else { return }
        let mounts = container["volumeMounts"]?.arrayValue ?? []
        guard !mounts.contains(where: { $0["mountPath"]?.stringValue == Self.tokenPath }) else { return }
        let mount: JSONValue = ["name": .string(name), "readOnly": true, "mountPath": .string(Self.tokenPath)]
        container["volumeMounts"] = .array(mounts + [mount])
        isMounted = true
      }
    }
    guard isMounted, present == nil else { return }
    let volume: JSONValue = ["name": .string(name), "projected": Self.projection]
    spec["volumes"] = .array((spec["volumes"]?.arrayValue ?? []) + [volume])
  }

  private static let projection: JSONValue = [
    "defaultMode": 420,
    "sources": [
      ["serviceAccountToken": ["path": "token", "expirationSeconds": .integer(Self.tokenLifetime)]],
      [
        "configMap": [
          "name": .string(Self.rootCertificates), "items": [["key": "ca.crt", "path": "ca.crt"]],
        ]
      ],
      [
        "downwardAPI": [
          "items": [["path": "namespace", "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"]]]
        ]
      ],
    ],
  ]

  // MARK: Tolerations

  /// Tolerates a lost node for five minutes, unless the Pod has tolerations of its own for that.
  private static func addTolerations(_ spec: inout JSONValue) {
    var tolerations = spec["tolerations"]?.arrayValue ?? []
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
      let isTolerated = tolerations.contains { toleration in
        let effect = toleration["effect"]?.stringValue ?? ""
        let tolerated = toleration["key"]?.stringValue ?? ""
        return (tolerated == key || tolerated.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
      }
      if isTolerated { continue }
      tolerations.append([
        "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
      ])
    }
    spec["tolerations"] = .array(tolerations)
  }
}

extension PodAdmission {
  /// Returns a Pod without the additions, which no field manager owns.
  ///
  /// - Parameter asked: the Pod as the client wanted it.
  static func withoutAdditions(_ pod: APIObject, asked: APIObject) -> APIObject {
    guard var spec = pod.json["spec"], spec.objectValue != nil else { return pod }
    let wanted = asked.json["spec"] ?? .object([:])
    for field in [
      "serviceAccountName", "serviceAccount", "priority", "preemptionPolicy", "priorityClassName", "imagePullSecrets",
      "tolerations",
    ] where wanted[field] == nil {
      spec[field] = nil
    }
    func isToken(_ element: JSONValue) -> Bool {
      element["name"]?.stringValue?.hasPrefix(Self.volumePrefix) == true
    }
    func drop(_ field: String, from object: inout JSONValue) {
      guard let elements = object[field]?.arrayValue else { return }
      let kept = elements.filter { !isToken($0) }
      object[field] = kept.isEmpty ? nil : .array(kept)
    }
    if wanted["volumes"]?.arrayValue?.contains(where: isToken) != true {
      drop("volumes", from: &spec)
      for list in ["initContainers", "containers"] { spec.mapElements(list) { drop("volumeMounts", from: &$0) } }
    }
    var rest = pod
    rest.json["spec"] = spec
    return rest
  }
}
