import Cryptography
import HTTPTransport
import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct PodTemplateTests {
  private func server(_ change: (inout Server) -> Void = { _ in }) -> Server {
    var server = Fixtures.server("a")
    server.metadata.labels = [Labels.fleet: "arena-1", Labels.gameType: "arena", "team": "red"]
    change(&server)
    return server
  }

  private func value(_ name: String, _ container: Container?) -> String? {
    container?.environment.first { $0.name == name }?.value
  }

  @Test func theSidecarStartsBeforeTheGame() {
    let pod = PodTemplate.pod(for: self.server(), sidecar: SidecarDefaults(image: "sidecar:1"))
    #expect(pod.spec.initContainers.map(\.name) == ["umpire-sidecar"])
    #expect(pod.spec.initContainers.first?.restartPolicy == "Always")
    #expect(pod.spec.initContainers.first?.image == "sidecar:1")
    #expect(
      pod.spec.initContainers.first?.fields["lifecycle"]
        == ["postStart": ["exec": ["command": ["umpire-sidecar", "--wait"]]]])
    #expect(pod.spec.containers.map(\.name) == ["game"])
  }

  @Test func orBesideIt() {
    let server = self.server { $0.spec.sidecar.startOrder = .after }
    let pod = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "sidecar:1"))
    #expect(pod.spec.initContainers.isEmpty)
    #expect(pod.spec.containers.map(\.name) == ["game", "umpire-sidecar"])
    // A kubelet starts the containers after it only once a hook has ended: this one holds nobody up.
    #expect(pod.spec.containers.last?.fields["lifecycle"] == nil)
  }

  @Test func orNotAtAll() {
    let server = self.server { $0.spec.sidecar.enabled = false }
    let pod = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "sidecar:1"))
    #expect(pod.spec.initContainers.isEmpty)
    #expect(pod.spec.containers.map(\.name) == ["game"])
  }

  @Test func everyContainerKnowsWhereItIs() {
    let pod = PodTemplate.pod(for: self.server(), sidecar: SidecarDefaults(image: "sidecar:1"))
    let game = pod.spec.containers.first
    #expect(self.value("SERVER_NAME", game) == "a")
    #expect(self.value("FLEET_NAME", game) == "arena-1")
    #expect(self.value("GAME_NAME", game) == "arena")
    #expect(self.value("CONTAINER_IMAGE", game) == "game:1")
    #expect(self.value("UMPIRE_SIDECAR_PORT", game) == "8080")
    #expect(self.value("CARRIER_SDK_GRPC_PORT", game) == "9020")
    #expect(game?.environment.first { $0.name == "POD_IP" }?.fieldPath == "status.podIP")
    let sidecar = pod.spec.initContainers.first
    #expect(self.value("SERVER_NAME", sidecar) == "a")
    #expect(sidecar?.environment.first { $0.name == "POD_NAMESPACE" }?.fieldPath == "metadata.namespace")
  }

  @Test func whatTheStudioSetsWins() {
    let server = self.server { server in
      var game = Container(name: "game", image: "game:1")
      game.environment = [EnvironmentVariable(name: "SERVER_NAME", value: "mine")]
      server.spec.pod = PodSpec(containers: [game])
    }
    let game = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "s")).spec.containers.first
    #expect(game?.environment.filter { $0.name == "SERVER_NAME" }.map(\.value) == ["mine"])
  }

  @Test func labelsAndOwnerFlowDown() {
    let server = self.server()
    let pod = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "s"))
    #expect(pod.metadata.label("team") == "red")
    #expect(pod.metadata.label(Labels.server) == "a")
    #expect(server.controls(pod))
    #expect(pod.metadata.finalizers == nil)
  }

  @Test func theSidecarKnowsWhatNoWebhookMayHave() throws {
    let ranges = try ["10.96.0.0/12", "fd00::/8"].map { try #require(NetworkRange($0)) }
    func value(_ ranges: [NetworkRange]) -> String? {
      var defaults = SidecarDefaults(image: "s")
      defaults.refusedRanges = ranges
      let sidecar = PodTemplate.pod(for: self.server(), sidecar: defaults).spec.initContainers.first
      return self.value("UMPIRE_REFUSED_RANGES", sidecar)
    }
    #expect(value(ranges) == "10.96.0.0/12,fd00::/8")
    #expect(value([]) == nil)
  }

  @Test func theSidecarKnowsTheControllerByItsKey() throws {
    let key = try Ed25519.SigningKey(seed: Array(repeating: 7, count: 32)).verificationKey
    let server = self.server { $0.metadata.uid = "uid-1" }
    var defaults = SidecarDefaults(image: "s")
    defaults.controllerKey = key
    let pod = PodTemplate.pod(for: server, sidecar: defaults)
    let sidecar = pod.spec.initContainers.first
    #expect(Base64URL.decode(self.value("UMPIRE_CONTROLLER_KEYS", sidecar) ?? "") == key.bytes)
    #expect(self.value("UMPIRE_SERVER_UID", sidecar) == "uid-1")
    #expect(self.value("UMPIRE_CONTROLLER_KEYS", pod.spec.containers.first) == nil)
  }

  @Test func theSidecarsConfigurationIsMountedAndItsDownloadsAreShared() {
    let server = self.server { server in
      server.spec.sidecar.configMapName = "arena-sidecar"
      var own = Container(name: "own", image: "x")
      own.fields["volumeMounts"] = [["name": "mine", "mountPath": "/app/downloads"]]
      server.spec.pod.containers.append(own)
      server.spec.pod.fields["volumes"] = [["name": "mine", "emptyDir": [:]]]
    }
    let spec = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "s")).spec
    let volumes = spec.fields["volumes"]?.arrayValue?.filter { $0["name"] != "umpire-sidecar-token" } ?? []
    #expect(
      volumes == [
        ["name": "mine", "emptyDir": [:]],
        ["name": "umpire-sidecar-config", "configMap": ["name": "arena-sidecar"]],
        ["name": "umpire-sidecar-downloads", "emptyDir": [:]],
      ])
    let sidecar = spec.initContainers.first
    #expect(sidecar?.fields["args"] == ["--config", "/etc/umpire/config.yaml"])
    let mounts = sidecar?.fields["volumeMounts"]?.arrayValue?.filter { $0["name"] != "umpire-sidecar-token" } ?? []
    #expect(
      mounts == [
        ["name": "umpire-sidecar-config", "mountPath": "/etc/umpire", "readOnly": true],
        ["name": "umpire-sidecar-downloads", "mountPath": "/app/downloads"],
      ])
    #expect(
      spec.containers.map { $0.fields["volumeMounts"] } == [
        [["name": "umpire-sidecar-downloads", "mountPath": "/app/downloads"]],
        [["name": "mine", "mountPath": "/app/downloads"]],
      ])
    for container in spec.containers + [sidecar].compactMap({ $0 }) {
      #expect(self.value("UMPIRE_DOWNLOAD_FOLDER", container) == "/app/downloads")
    }
    let plain = PodTemplate.pod(for: self.server(), sidecar: SidecarDefaults(image: "s")).spec.fields["volumes"]
    #expect(plain?.arrayValue?.map { $0["name"] } == ["umpire-sidecar-token"])
  }

  /// A signal reaches only processes of the same user.
  @Test(arguments: [(nil, 65_532), (0, 65_532), (1_000, nil)] as [(Int64?, Int64?)])
  func theSidecarRunsAsThePodsUserIfThatIsNotRoot(pod: Int64?, sidecar: Int64?) {
    let server = self.server { server in
      if let pod { server.spec.pod.fields["securityContext"] = ["runAsUser": .integer(pod)] }
    }
    let security = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "s")).spec.initContainers.first?.fields[
      "securityContext"]
    #expect(security?["runAsUser"]?.integerValue == sidecar)
    #expect(security?["runAsNonRoot"] == true)
  }
}
