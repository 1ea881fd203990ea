import APIServer
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging
import TestSupport
import Testing

@testable import ProcessNode

/// A node against a real API server in the same process.
@Suite struct LocalNodeTests {
  /// Runs an API server for the whole of `body`.
  private func withAPIServer(_ body: (APIClient) async throws -> Void) async throws {
    let server = try EmbeddedAPIServer.open(EmbeddedAPIServer.Configuration())
    let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "tests")
    defer { server.close() }
    _ = try await client.create(Namespace(name: "games"))
    try await body(client)
  }

  /// Runs a node while `body` runs; no process of it may be left afterwards.
  private func withNode(
    _ client: APIClient, folder: String, name: String = "local", images: [String: String] = [:],
    scheduler: String? = "default-scheduler", _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    var configuration = LocalNodeConfiguration(dataDirectory: folder, nodeName: name, images: ImageTable(images))
    configuration.schedulerName = scheduler
    configuration.addresses = try #require(AddressPool.Range("127.82.0.0/16"))
    configuration.restartBackoff = RestartBackoff.Limits(base: .milliseconds(50))
    configuration.shutdownGrace = .milliseconds(200)
    configuration.volumeInterval = .milliseconds(50)
    configuration.environment["GREETING"] = "hello"
    var logger = Logger(label: "tests")
    logger.logLevel = .error
    let node = LocalNode(client: client, configuration: configuration, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await node.run() }
      do {
        try await body()
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
    }
    #expect(OrphanSweep(stateRoot: folder).orphans().isEmpty)
  }

  private func pod(_ containers: [Container], name: String = "arena", initContainers: [Container] = []) -> Pod {
    var pod = makePod(name, containers: containers, initContainers: initContainers, uid: nil)
    pod.spec.nodeName = nil
    return pod
  }

  private static let key = ObjectKey(namespace: "games", name: "arena")

  private func eventuallyPod(
    _ what: String, _ client: APIClient, _ condition: @escaping (Pod) -> Bool
  ) async throws -> Pod {
    try await eventually(what) {
      try await client.find(Pod.self, Self.key).flatMap { condition($0) ? $0 : nil }
    }
  }

  @Test func aPodComesAndGoes() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          var container = shell(
            "echo $GREETING $(NAME) $UMPIRE_BIND_ADDRESS; trap 'exit 0' TERM; while :; do sleep 0.02; done")
          container.environment = [EnvironmentVariable(name: "NAME", fieldPath: "metadata.name")]
          _ = try await client.create(self.pod([container], initContainers: [sidecar("exec sleep 1000")]))
          let running = try await self.eventuallyPod("the Pod is ready", client) { $0.isReady }
          #expect(running.spec.nodeName == "local")
          #expect(running.phase == .running)
          let address = try #require(running.status?.podIP)
          #expect(address.hasPrefix("127.82."))
          let identifier = running.status?.containerStatuses?.first?.containerID?.split(separator: "/").last
          let process = try #require(identifier.flatMap { Int32($0) })
          #expect(isRunning(process))
          try await eventually("the log is there") {
            written("\(folder)/logs/games/arena/main.log") == "hello arena \(address)\n"
          }
          try await client.delete(Pod.self, Self.key)
          try await eventually("the Pod is gone") { try await client.find(Pod.self, Self.key) == nil }
          #expect(!isRunning(process))
          #expect(try await client.find(Node.self, ObjectKey(namespace: nil, name: "local")) != nil)
          let lease = ObjectKey(namespace: "kube-node-lease", name: "local")
          #expect(try await client.find(Lease.self, lease)?.spec?.holderIdentity == "local")
        }
      }
    }
  }

  @Test func anUnknownImageIsSaidAndAKnownOneRuns() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder, images: ["known": "/bin/true"]) {
          var pod = self.pod([Container(name: "a", image: "unknown:1"), Container(name: "b", image: "known:1")])
          pod.spec.restartPolicy = "Never"
          _ = try await client.create(pod)
          let seen = try await self.eventuallyPod("both have been tried", client) { pod in
            let statuses = pod.status?.containerStatuses ?? []
            return statuses.contains { $0.state?.waiting?.reason == "ErrImagePull" }
              && statuses.contains { $0.state?.terminated?.exitCode == 0 }
          }
          #expect(seen.phase == .pending)
        }
      }
    }
  }

  @Test func containersAreStartedAgainByTheirPolicyAndPodsEnd() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          // Fails twice, then succeeds.
          let script = "echo x >> \(folder)/tries; test $(wc -l < \(folder)/tries) -ge 3"
          var pod = self.pod([shell(script)])
          pod.spec.restartPolicy = "OnFailure"
          _ = try await client.create(pod)
          let ended = try await self.eventuallyPod("the Pod has ended", client) { $0.phase == .succeeded }
          let status = try #require(ended.status?.containerStatuses?.first)
          #expect(status.restartCount == 2)
          #expect(status.lastState?.terminated?.exitCode == 1)
          #expect(status.state?.terminated?.reason == "Completed")
          try await client.delete(Pod.self, Self.key)
          try await eventually("the Pod is gone") { try await client.find(Pod.self, Self.key) == nil }
        }
      }
    }
  }

  @Test func theGameStartsOnceTheHookOfItsSidecarHasEnded() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder, images: ["waiter": "/bin/sh"]) {
          var hooked = sidecar("echo began >> \(folder)/order; exec sleep 1000")
          hooked.environment = [EnvironmentVariable(name: "WHO", value: "hook of $(HOSTNAME)")]
          // A bare name is one of the node's images, as in a container's command.
          let script: JSONValue = .string("echo $WHO; echo waited >> \(folder)/order")
          hooked.fields["lifecycle"] = ["postStart": ["exec": ["command": ["waiter", "-c", script]]]]
          let game = shell("echo game >> \(folder)/order; exec sleep 1000")
          _ = try await client.create(self.pod([game], initContainers: [hooked]))
          _ = try await self.eventuallyPod("the Pod is ready", client) { $0.isReady }
          #expect(text("\(folder)/order") == "began\nwaited\ngame\n")
          #expect(written("\(folder)/logs/games/arena/sidecar.log") == "hook of arena\n")
        }
      }
    }
  }

  @Test(
    arguments: [
      ["exec": ["command": ["/bin/false"]]], ["exec": ["command": ["/no/such/program"]]],
      ["httpGet": ["port": 1, "path": "/"]],
    ] as [JSONValue])
  func aContainerWhoseHookFailsIsKilledAndStartedAgain(hook: JSONValue) async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          var hooked = sidecar("exec sleep 1000")
          hooked.fields["lifecycle"] = ["postStart": hook]
          let game = shell("echo game >> \(folder)/order; exec sleep 1000")
          _ = try await client.create(self.pod([game], initContainers: [hooked]))
          let pod = try await self.eventuallyPod("it is started again", client) {
            $0.status?.initContainerStatuses?.first?.restartCount ?? 0 >= 2
          }
          #expect(pod.phase == .pending)
          let status = try #require(pod.status?.initContainerStatuses?.first)
          let message = status.state?.terminated?.message ?? status.lastState?.terminated?.message
          #expect(message?.hasPrefix("its postStart hook has failed: ") == true)
          #expect(text("\(folder)/order") == "")
        }
      }
    }
  }

  @Test func aProcessThatIgnoresTerminationIsKilledAfterItsGracePeriod() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          var pod = self.pod([shell("trap 'echo refused' TERM; echo up; while :; do sleep 0.02; done")])
          pod.spec.terminationGracePeriodSeconds = 1
          _ = try await client.create(pod)
          let log = "\(folder)/logs/games/arena/main.log"
          try await eventually("it is up") { written(log).contains("up") }
          try await client.delete(Pod.self, Self.key)
          try await eventually("the Pod is gone") { try await client.find(Pod.self, Self.key) == nil }
          #expect(written(log).contains("refused"))
        }
      }
    }
  }

  @Test func theNextNodeTakesUpWhatTheLastOneLeft() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        let (addresses, found) = AsyncStream<String>.makeStream()
        try await self.withNode(client, folder: folder) {
          _ = try await client.create(self.pod([shell("exec sleep 1000")]))
          let pod = try await self.eventuallyPod("the Pod is ready", client) { $0.isReady }
          found.yield(try #require(pod.status?.podIP))
          found.finish()
        }
        #expect(try await client.find(Pod.self, Self.key) != nil)
        try await self.withNode(client, folder: folder) {
          let pod = try await self.eventuallyPod("the Pod runs again", client) {
            $0.isReady && $0.status?.containerStatuses?.first?.restartCount == 1
          }
          #expect(pod.status?.podIP == (await addresses.first { _ in true }))
          #expect(pod.status?.containerStatuses?.first?.lastState?.terminated?.reason == "NodeRestarted")
        }
      }
    }
  }

  @Test func aPodThatDoesNotChangeIsNotWritten() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          _ = try await client.create(
            self.pod([shell("exec sleep 1000")], initContainers: [sidecar("exec sleep 1000")]))
          _ = try await self.eventuallyPod("the Pod is ready", client) { $0.isReady }
          try await eventually("the Pod's version stays") {
            let before = try await client.get(Pod.self, Self.key).metadata.resourceVersion
            try await Task.sleep(for: .milliseconds(300))
            return try await client.get(Pod.self, Self.key).metadata.resourceVersion == before
          }
        }
      }
    }
  }

  @Test func podsOfOtherNodesAreLeftAlone() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          var foreign = self.pod([shell("exec sleep 1000")], name: "foreign")
          foreign.spec.nodeName = "elsewhere"
          _ = try await client.create(foreign)
          _ = try await client.create(self.pod([shell("exec sleep 1000")]))
          _ = try await self.eventuallyPod("our Pod is ready", client) { $0.isReady }
          let other = try await client.get(Pod.self, ObjectKey(namespace: "games", name: "foreign"))
          #expect(other.status?.podIP == nil)
        }
      }
    }
  }

  @Test func variablesComeFromObjectsOnceTheyAreThere() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          var container = shell("echo $MODE-$PASSWORD; exec sleep 1000")
          container.fields["envFrom"] = [["configMapRef": ["name": "arena"]]]
          container.environment = [
            EnvironmentVariable(fields: [
              "name": "PASSWORD", "valueFrom": ["secretKeyRef": ["name": "arena", "key": "password"]],
            ])
          ]
          _ = try await client.create(
            ConfigMap(metadata: ObjectMeta(name: "arena", namespace: "games"), data: ["MODE": "ranked"]))
          _ = try await client.create(self.pod([container]))
          let waiting = try await self.eventuallyPod("the container waits", client) {
            $0.status?.containerStatuses?.first?.state?.waiting?.reason == "CreateContainerConfigError"
          }
          #expect(
            waiting.status?.containerStatuses?.first?.state?.waiting?.message == "secret \"arena\" not found")
          var secret = Secret(metadata: ObjectMeta(name: "arena", namespace: "games"))
          secret.data = ["password": "c2VjcmV0"]
          _ = try await client.create(secret)
          try await eventually("the process has them") {
            text("\(folder)/logs/games/arena/\(container.name).log").contains("ranked-secret")
          }
        }
      }
    }
  }

  @Test func volumesAreProvidedFollowedAndRemoved() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          var container = shell(
            "cp $CONFIG/value $OUT/first; until grep -q two $CONFIG/value; do sleep 0.02; done; touch $OUT/second;"
              + " exec sleep 1000")
          container.environment = [
            EnvironmentVariable(name: "CONFIG", value: "/etc/arena"), EnvironmentVariable(name: "OUT", value: "/out/x"),
          ]
          container.workingDirectory = "/out"
          container.fields["volumeMounts"] = [
            ["name": "config", "mountPath": "/etc/arena"], ["name": "out", "mountPath": "/out"],
            ["name": "out", "mountPath": "/out/x", "subPath": "x"],
          ]
          var pod = self.pod([container])
          pod.spec.fields["volumes"] = [
            ["name": "config", "configMap": ["name": "arena"]], ["name": "out", "emptyDir": [:]],
          ]
          _ = try await client.create(pod)
          let waiting = try await self.eventuallyPod("the container waits", client) {
            $0.status?.containerStatuses?.first?.state?.waiting?.reason == "CreateContainerConfigError"
          }
          #expect(
            waiting.status?.containerStatuses?.first?.state?.waiting?.message
              == "volume \"config\": configmap \"arena\" not found")
          let metadata = ObjectMeta(name: "arena", namespace: "games")
          _ = try await client.create(ConfigMap(metadata: metadata, data: ["value": "one"]))
          let uid = try #require(waiting.metadata.uid)
          let volume = "\(folder)/pods/\(uid)/volumes/out"
          try await eventually("the process has read it") { text("\(volume)/x/first") == "one" }
          _ = try await client.patch(ConfigMap.self, Self.key, ["data": ["value": "two"]])
          try await eventually("the process sees the change") {
            FileManager.default.fileExists(atPath: "\(volume)/x/second")
          }
          try await client.delete(Pod.self, Self.key, options: DeleteOptions(gracePeriodSeconds: 0))
          try await eventually("the folder is gone") {
            !FileManager.default.fileExists(atPath: "\(folder)/pods/\(uid)")
          }
        }
      }
    }
  }

  @Test func volumesOutliveTheNodeAndNotTheirPod() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        var container = shell("echo x >> out; exec sleep 1000")
        container.workingDirectory = "/out"
        container.fields["volumeMounts"] = [["name": "out", "mountPath": "/out"]]
        var pod = self.pod([container])
        pod.spec.fields["volumes"] = [["name": "out", "emptyDir": [:]]]
        let uid = try #require(try await client.create(pod).metadata.uid)
        let file = "\(folder)/pods/\(uid)/volumes/out/out"
        try await self.withNode(client, folder: folder) {
          try await eventually("the first process has written") { text(file) == "x\n" }
        }
        try await self.withNode(client, folder: folder) {
          try await eventually("the second process finds that") { text(file) == "x\nx\n" }
        }
        try await client.delete(Pod.self, Self.key, options: DeleteOptions(gracePeriodSeconds: 0))
        try await self.withNode(client, folder: folder) {
          try await eventually("the next node clears up") {
            !FileManager.default.fileExists(atPath: "\(folder)/pods/\(uid)")
          }
        }
      }
    }
  }

  // MARK: Placement

  private static let node = ObjectKey(namespace: nil, name: "local")

  private func node(_ client: APIClient, _ spec: JSONValue) async throws {
    try await eventually("the node is registered") { try await client.find(Node.self, Self.node) != nil }
    let _: Node = try await client.patch(Node.self, Self.node, ["spec": spec])
  }

  @Test(
    arguments: [
      (["unschedulable": true], ["unschedulable": nil]),
      (["taints": [["key": "game", "value": "arena", "effect": "NoSchedule"]]], ["taints": nil]),
      (["taints": [["key": "game", "effect": "NoExecute"]]], ["taints": nil]),
    ] as [(JSONValue, JSONValue)])
  func aNodeThatTakesNoPodsTakesThemAfterwards(change: JSONValue, back: JSONValue) async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          try await self.node(client, change)
          var tolerant = self.pod([shell("exec sleep 1000")], name: "tolerant")
          tolerant.spec.fields["tolerations"] = [["operator": "Exists"]]
          _ = try await client.create(self.pod([shell("exec sleep 1000")]))
          _ = try await client.create(tolerant)
          try await eventually("the Pod that tolerates it runs") {
            try await client.get(Pod.self, ObjectKey(namespace: "games", name: "tolerant")).phase == .running
          }
          #expect(try await client.get(Pod.self, Self.key).spec.nodeName == nil)
          try await self.node(client, back)
          _ = try await self.eventuallyPod("the Pod is taken", client) { $0.phase == .running }
        }
      }
    }
  }

  @Test func podsOfAnotherSchedulerAreLeftToIt() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          var other = self.pod([shell("exec sleep 1000")], name: "other")
          other.spec.fields["schedulerName"] = "studio-scheduler"
          _ = try await client.create(other)
          _ = try await client.create(self.pod([shell("exec sleep 1000")]))
          _ = try await self.eventuallyPod("the node's own Pod runs", client) { $0.phase == .running }
          let key = ObjectKey(namespace: "games", name: "other")
          #expect(try await client.get(Pod.self, key).spec.nodeName == nil)
          // The other scheduler gives it to this node.
          let binding: JSONValue = [
            "apiVersion": "v1", "kind": "Binding", "metadata": ["name": "other", "namespace": "games"],
            "target": ["apiVersion": "v1", "kind": "Node", "name": "local"],
          ]
          _ = try await client.send(.create(Pod.resourceType, key, subresource: .binding, body: binding.serialized()))
          try await eventually("it runs") { try await client.get(Pod.self, key).phase == .running }
        }
      }
    }
  }

  @Test func aGuestRunsThePodsOfItsSchedulerOnly() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder, scheduler: "umpire-local") {
          try await eventually("the node is registered") { try await client.find(Node.self, Self.node) != nil }
          let taint = Taint(key: "umpire.dev/scheduler", value: "umpire-local", effect: "NoSchedule")
          #expect(try await client.get(Node.self, Self.node).spec?.taints?.contains(taint) == true)
          // A DaemonSet's Pod tolerates every taint, and names the node itself.
          var daemon = self.pod([shell("touch \(folder)/daemon; exec sleep 1000")], name: "daemon")
          daemon.spec.nodeName = "local"
          daemon.spec.fields["tolerations"] = [["operator": "Exists"]]
          _ = try await client.create(daemon)
          var own = self.pod([shell("exec sleep 1000")])
          own.spec.fields["schedulerName"] = "umpire-local"
          _ = try await client.create(own)
          _ = try await self.eventuallyPod("its own Pod runs", client) { $0.phase == .running }
          #expect(!FileManager.default.fileExists(atPath: "\(folder)/daemon"))
        }
      }
    }
  }

  @Test func theNodeSaysWhatItHas() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          func status() async throws -> JSONValue? {
            try await client.send(.get(Node.resourceType, Self.node), as: JSONValue.self)["status"]
          }
          try await eventually("the node is registered") { try await client.find(Node.self, Self.node) != nil }
          let said = try await eventually("it says what it has") { try await status().flatMap { $0["capacity"] } }
          #expect(said["cpu"]?.stringValue.flatMap { Int($0) } ?? 0 > 0)
          // Quantities in their canonical form: 1000 is 1k.
          #expect(said["memory"]?.stringValue?.last == "i")
          #expect(said["pods"] == "1k")
          #expect(try await status()?["allocatable"] == said)
        }
      }
    }
  }

  // MARK: Tokens

  @Test func aPodHasATokenOfItsServiceAccountInTheUsualFolder() async throws {
    try await withTemporaryFolder { folder in
      try await self.withAPIServer { client in
        try await self.withNode(client, folder: folder) {
          let script = """
            cp $UMPIRE_SERVICE_ACCOUNT_FOLDER/token $UMPIRE_SERVICE_ACCOUNT_FOLDER/namespace \(folder)/
            stat -L -c %a $UMPIRE_SERVICE_ACCOUNT_FOLDER/token > \(folder)/mode; exec sleep 1000
            """
          _ = try await client.create(self.pod([shell(script)]))
          let pod = try await self.eventuallyPod("the Pod runs", client) { $0.phase == .running }
          try await eventually("the token is read") { text("\(folder)/mode") == "600\n" }
          #expect(text("\(folder)/namespace") == "games")
          let review: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "spec": ["token": .string(text("\(folder)/token"))],
          ]
          let type = ResourceType(
            group: "authentication.k8s.io", version: "v1", kind: "TokenReview", plural: "tokenreviews",
            isNamespaced: false)
          let answer = try await client.send(
            .create(type, namespace: nil, body: review.serialized(), fieldManager: "test"), as: JSONValue.self)
          let user = answer["status"]?["user"]
          #expect(user?["username"] == "system:serviceaccount:games:default")
          #expect(
            user?["extra"]?["authentication.kubernetes.io/pod-uid"] == [.string(pod.metadata.uid ?? "")])
        }
      }
    }
  }
}
