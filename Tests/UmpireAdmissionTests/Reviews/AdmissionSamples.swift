import KubernetesModel
import Testing
import UmpireAdmission
import UmpireModel

/// Reviews as kube-apiserver posts them.
enum AdmissionSamples {
  static let server: JSONValue = [
    "apiVersion": "umpire.dev/v1alpha1", "kind": "Server",
    "metadata": [
      "name": "duel", "namespace": "games", "uid": "5f9f1a52-6d2a-4b0e-8b1a-3a1f0b0d7c11",
      "creationTimestamp": "2026-11-20T08:15:30Z", "generation": 1,
      "managedFields": [["manager": "kubectl-client-side-apply", "operation": "Update", "fieldsV1": ["f:spec": [:]]]],
      "annotations": ["kubectl.kubernetes.io/last-applied-configuration": "{}\n"],
    ],
    "spec": ["pod": ["containers": [["name": "game", "image": "game:1"]]], "timeout": "40m"],
  ]

  static let autoscaler: JSONValue = [
    "apiVersion": "umpire.dev/v1alpha1", "kind": "GameAutoscaler",
    "metadata": ["name": "arena", "namespace": "games"],
    "spec": ["gameName": "arena", "policy": ["type": "webhook", "webhook": ["url": "https://studio.example/scale"]]],
  ]

  /// The user of a token that a Pod was given, as Kubernetes 1.33 tells of it.
  static func user(pod: String, uid: String, serviceAccount: String = "umpire-sidecar") -> JSONValue {
    [
      "username": .string("system:serviceaccount:games:\(serviceAccount)"),
      "uid": "a7031b08-1c99-4348-994f-13b82ab66eb4",
      "groups": ["system:serviceaccounts", "system:serviceaccounts:games", "system:authenticated"],
      "extra": [
        "authentication.kubernetes.io/credential-id": ["JTI=7ee52be0-9045-4653-aa5e-0da57b8dccdc"],
        "authentication.kubernetes.io/node-name": ["kind-worker"],
        "authentication.kubernetes.io/node-uid": ["497e9d9a-47aa-4930-b0f6-9f2fb574c8c6"],
        "authentication.kubernetes.io/pod-name": [.string(pod)],
        "authentication.kubernetes.io/pod-uid": [.string(uid)],
      ],
    ]
  }

  /// A review of a whole object.
  static func review(
    _ object: JSONValue?, replacing old: JSONValue? = nil, operation: String? = nil, _ changes: JSONValue = [:]
  ) -> JSONValue {
    let kind = (object ?? old)?["kind"] ?? "Server"
    let resource = JSONValue.string((kind.stringValue ?? "").lowercased() + "s")
    let review: JSONValue = [
      "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
      "request": [
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": ["group": "umpire.dev", "version": "v1alpha1", "kind": kind],
        "resource": ["group": "umpire.dev", "version": "v1alpha1", "resource": resource],
        "requestKind": ["group": "umpire.dev", "version": "v1alpha1", "kind": kind],
        "requestResource": ["group": "umpire.dev", "version": "v1alpha1", "resource": resource],
        "name": (object ?? old)?["metadata"]?["name"] ?? "duel", "namespace": "games",
        "operation": .string(operation ?? (old == nil ? "CREATE" : "UPDATE")),
        "userInfo": [
          "username": "alice@studio.example", "uid": "014fbff9a07c",
          "groups": ["system:authenticated", "studio"], "extra": ["scopes": ["a"]],
        ],
        "dryRun": false, "options": ["apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"],
      ],
    ]
    var changed = review.applying(mergePatch: ["request": changes])
    changed["request"]?["object"] = object ?? .null
    changed["request"]?["oldObject"] = old ?? .null
    return changed
  }

  /// The request of such a review.
  static func request(
    _ object: JSONValue?, replacing old: JSONValue? = nil, operation: String? = nil, _ changes: JSONValue = [:]
  ) throws -> AdmissionRequest {
    let review = Self.review(object, replacing: old, operation: operation, changes)
    return try #require(try review.decoded(as: AdmissionReview.self).request)
  }
}

/// Objects that are there.
struct KnownObjects: AdmissionLookups {
  var configurations: [WebhookConfiguration] = []
  var autoscalers: [GameAutoscaler] = []
  var pods: [Pod] = []
  var isDown = false

  private struct Down: Error {}

  func webhookConfiguration(_ key: ObjectKey) async throws -> WebhookConfiguration? {
    if self.isDown { throw Down() }
    return self.configurations.first { $0.key == key }
  }

  func autoscalers(in namespace: String) async throws -> [GameAutoscaler] {
    if self.isDown { throw Down() }
    return self.autoscalers.filter { $0.metadata.namespace == namespace }
  }

  func pod(_ key: ObjectKey) async throws -> Pod? {
    if self.isDown { throw Down() }
    return self.pods.first { $0.key == key }
  }
}
