import Cryptography
import HTTPTransport
import KubernetesClient
import KubernetesModel
import UmpireModel

/// Makes the Pod of a Server: the studio's spec, our labels and environment, and the sidecar.
enum PodTemplate {
  /// The ports on which the sidecar offers its SDK, on loopback.
  private static let grpcPort = "9020"
  private static let httpPort = "9021"
  /// The name of the injected container.
  static let sidecarName = SidecarSpec.containerName

  /// Where the sidecar's configuration is mounted.
  private static let configurationFolder = "/etc/umpire"
  /// Where the sidecar puts what it downloads for the game.
  private static let downloadFolder = "/app/downloads"

  static func pod(for server: Server, sidecar defaults: SidecarDefaults) -> Pod {
    var labels = server.metadata.labels ?? [:]
    labels[Labels.server] = server.metadata.name
    var metadata = ObjectMeta(name: server.podName, namespace: server.metadata.namespace, labels: labels)
    EvictionGuard.protect(&metadata, of: server)
    metadata.ownerReferences = [server.controllerReference]
    var spec = server.spec.pod
    self.tolerateNodeLoss(for: server.spec.timeout.duration, in: &spec)
    if server.spec.sidecar.enabled {
      self.inject(self.container(for: server, defaults), server.spec.sidecar, into: &spec)
    }
    spec.containers = spec.containers.map { self.withEnvironment($0, server: server) }
    spec.initContainers = spec.initContainers.map { self.withEnvironment($0, server: server) }
    return Pod(metadata: metadata, spec: spec)
  }

  /// Has the Pod outlast the loss of its node, unless the studio says otherwise.
  ///
  /// Without this a cluster gives each Pod 300 s, and deletes it when its node returns later than that.
  private static func tolerateNodeLoss(for timeout: Duration, in spec: inout PodSpec) {
    let taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].map {
      Taint(key: $0, effect: "NoExecute")
    }
    let seconds = max(timeout.components.seconds + (timeout.components.attoseconds > 0 ? 1 : 0), 0)
    let present = spec
    let ours: [JSONValue] = taints.filter { !present.tolerates($0) }.map {
      [
        "key": .string($0.key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": .integer(seconds),
      ]
    }
    if !ours.isEmpty { spec.fields["tolerations", default: []].append(ours) }
  }

  /// The sidecar's container, which the profile `restricted` of the Pod Security Standards admits.
  private static func container(for server: Server, _ defaults: SidecarDefaults) -> Container {
    let sidecar = server.spec.sidecar
    var container = Container(name: self.sidecarName, image: sidecar.image ?? defaults.image)
    container.environment = [EnvironmentVariable(name: "POD_NAMESPACE", fieldPath: "metadata.namespace")]
    if !defaults.refusedRanges.isEmpty {
      let ranges = defaults.refusedRanges.map(\.description).joined(separator: ",")
      container.environment.append(EnvironmentVariable(name: "UMPIRE_REFUSED_RANGES", value: ranges))
    }
    if let key = defaults.controllerKey {
      container.environment += [
        EnvironmentVariable(name: SidecarTokens.keysVariable, value: Base64URL.encode(key.bytes)),
        EnvironmentVariable(name: SidecarTokens.audienceVariable, value: server.metadata.uid ?? ""),
      ]
    }
    container.ports = [ContainerPort(name: "umpire", containerPort: sidecar.port, protocol: "TCP")]
    container.fields["resources"] = sidecar.resources ?? defaults.resources.json
    container.fields["securityContext"] = [
      "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 65_532,
      "capabilities": ["drop": ["ALL"]], "seccompProfile": ["type": "RuntimeDefault"],
    ]
    return container
  }

  private static func inject(_ container: Container, _ sidecar: SidecarSpec, into spec: inout PodSpec) {
    var container = container
    if let own = spec.ownServiceAccount {
      spec.serviceAccountName = own
    } else {
      spec.serviceAccountName = SidecarAccounts.name
      // The account is the sidecar's: the game, which faces players, gets no token of it, whatever it asks for.
      spec.fields["automountServiceAccountToken"] = false
    }
    spec.fields["serviceAccount"] = nil
    self.giveToken(to: &container, in: &spec)
    if let user = spec.fields["securityContext"]?["runAsUser"]?.integerValue, user != 0 {
      // The Pod's own user, so that the sidecar may signal the game.
      container.fields["securityContext"]?["runAsUser"] = nil
    }
    if let name = sidecar.configMapName { self.configure(&container, in: &spec, from: name) }
    switch sidecar.startOrder {
    case .before:
      container.restartPolicy = "Always"
      // The game starts once the sidecar accepts connections. A startup probe would say so a second or two later, as a
      // kubelet asks once a second.
      container.fields["lifecycle"] = [
        "postStart": ["exec": ["command": [.string(self.sidecarName), "--wait"]]]
      ]
      spec.initContainers = [container] + spec.initContainers
    case .after:
      spec.containers += [container]
    }
  }

  /// Mounts a token of the Pod's service account in the sidecar alone, at the place where clients look for it.
  private static func giveToken(to sidecar: inout Container, in spec: inout PodSpec) {
    let volume = "\(self.sidecarName)-token"
    spec.fields["volumes", default: []].append([
      [
        "name": .string(volume),
        "projected": [
          "defaultMode": 0o444,
          "sources": [
            ["serviceAccountToken": ["path": "token", "expirationSeconds": 3607]],
            ["configMap": ["name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]]]],
            ["downwardAPI": ["items": [["path": "namespace", "fieldRef": ["fieldPath": "metadata.namespace"]]]]],
          ],
        ],
      ]
    ])
    self.mount(volume, at: ServiceAccountFolder.standard, in: &sidecar, isReadOnly: true)
  }

  /// Gives the sidecar its configuration, and a folder that it shares with the game.
  private static func configure(_ sidecar: inout Container, in spec: inout PodSpec, from configMap: String) {
    let configuration = "\(self.sidecarName)-config"
    let downloads = "\(self.sidecarName)-downloads"
    spec.fields["volumes", default: []].append([
      ["name": .string(configuration), "configMap": ["name": .string(configMap)]],
      ["name": .string(downloads), "emptyDir": [:]],
    ])
    sidecar.fields["args"] = ["--config", .string("\(self.configurationFolder)/config.yaml")]
    self.mount(configuration, at: self.configurationFolder, in: &sidecar, isReadOnly: true)
    self.mount(downloads, at: self.downloadFolder, in: &sidecar)
    // By this both find the folder also where a path is not the one of its mount, as on a node without mounts.
    let variable = EnvironmentVariable(name: "UMPIRE_DOWNLOAD_FOLDER", value: self.downloadFolder)
    sidecar.environment.append(variable)
    spec.containers = spec.containers.map { container in
      var container = container
      if !container.environment.contains(where: { $0.name == variable.name }) {
        container.environment.insert(variable, at: 0)
      }
      let mounts = container.fields["volumeMounts"]?.arrayValue ?? []
      // The studio may keep what is downloaded elsewhere.
      if !mounts.contains(where: { $0["mountPath"]?.stringValue == self.downloadFolder }) {
        self.mount(downloads, at: self.downloadFolder, in: &container)
      }
      return container
    }
  }

  private static func mount(_ volume: String, at path: String, in container: inout Container, isReadOnly: Bool = false)
  {
    var mount: JSONValue = ["name": .string(volume), "mountPath": .string(path)]
    if isReadOnly { mount["readOnly"] = true }
    container.fields["volumeMounts", default: []].append([mount])
  }

  /// Adds our variables ahead of the studio's; one that the studio has set keeps its value.
  private static func withEnvironment(_ container: Container, server: Server) -> Container {
    let port = String(server.spec.sidecar.port)
    let ours = [
      EnvironmentVariable(name: "CONTAINER_IMAGE", value: container.image ?? ""),
      EnvironmentVariable(name: "SERVER_NAME", value: server.metadata.name ?? ""),
      EnvironmentVariable(name: "FLEET_NAME", value: server.metadata.label(Labels.fleet) ?? ""),
      EnvironmentVariable(name: "GAME_NAME", value: server.metadata.label(Labels.gameType) ?? ""),
      EnvironmentVariable(name: "POD_IP", fieldPath: "status.podIP"),
      EnvironmentVariable(name: "NODE_NAME", fieldPath: "spec.nodeName"),
      EnvironmentVariable(name: "UMPIRE_SDK_GRPC_PORT", value: self.grpcPort),
      EnvironmentVariable(name: "UMPIRE_SDK_HTTP_PORT", value: self.httpPort),
      EnvironmentVariable(name: "UMPIRE_SIDECAR_PORT", value: port),
      EnvironmentVariable(name: "CARRIER_SDK_GRPC_PORT", value: self.grpcPort),
      EnvironmentVariable(name: "CARRIER_SDK_HTTP_PORT", value: self.httpPort),
    ]
    let set = Set(container.environment.map(\.name))
    var container = container
    container.environment = ours.filter { !set.contains($0.name) } + container.environment
    return container
  }
}

extension JSONValue {
  /// Adds elements to a list; anything else becomes one.
  fileprivate mutating func append(_ elements: [JSONValue]) { self = .array((self.arrayValue ?? []) + elements) }
}
