import KubernetesModel

/// The objects of the demo.
///
/// The same YAML, with an image from a registry, runs in a cluster.
enum DemoManifests {
  static let gameName = "arena"
  static let webhookName = "umpire-webhook"
  static let gamePort: UInt16 = 7777
  static let webhookPort = 8000

  static let webhook = """
    apiVersion: v1
    kind: Pod
    metadata:
      name: umpire-webhook
      labels: {app: umpire-webhook}
    spec:
      containers:
      - name: webhook
        image: umpire-webhook
        ports: [{containerPort: 8000}]
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: umpire-webhook
    spec:
      selector: {app: umpire-webhook}
      ports: [{port: 8000}]
    """

  static func game(version: String) -> String {
    """
    apiVersion: umpire.dev/v1alpha1
    kind: GameType
    metadata:
      name: arena
    spec:
      fleetSpec:
        scaling:
          agePriority: oldest_first
        spec:
          timeout: 10m
          pod:
            terminationGracePeriodSeconds: 5
            containers:
            - name: server
              image: sample-game-server
              env:
              - {name: GAME_VERSION, value: \(version)}
    """
  }

  static let autoscaler = """
    apiVersion: umpire.dev/v1alpha1
    kind: GameAutoscaler
    metadata:
      name: arena
    spec:
      gameName: arena
      maxReplicas: 10
      policy:
        type: webhook
        webhook:
          service: {name: umpire-webhook, path: /scale, port: 8000}
          timeoutSeconds: 2
      sync: {type: fixedinterval, interval: 1s}
    """
}
