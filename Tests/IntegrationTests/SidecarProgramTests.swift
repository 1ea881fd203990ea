import ClusterTestSupport
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTypes
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireLocal
import UmpireModel

@Suite struct SidecarProgramTests {
  private func environment(_ address: String, kubeconfig: String) -> [String: String] {
    [
      "SERVER_NAME": "one", "POD_NAMESPACE": "default", "POD_IP": address, "UMPIRE_BIND_ADDRESS": address,
      "KUBECONFIG": kubeconfig,
    ]
  }

  @Test func whatTheGameSaysSurvivesTheSidecar() async throws {
    try await withFolder { folder in
      try await SocketCluster.run(in: folder) { cluster in
        let spec = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
        _ = try await cluster.client.create(
          Server(metadata: ObjectMeta(name: "one", namespace: "default"), spec: spec))
        let transport = CurlHTTPTransport()
        defer { transport.shutdown() }
        let address = Loopback.address()
        let calls = HTTPCalls(transport: transport, authority: "\(address):8080")
        let environment = self.environment(address, kubeconfig: cluster.kubeconfig)
        try await Program.run("umpire-sidecar", [], environment: environment, in: folder) { sidecar in
          let allowed = try await eventually("it knows its Server") {
            let answer = try await calls.send(.get, "/allow_delete")
            return answer.status == 200 ? answer : nil
          }
          #expect(try JSONValue(parsing: Array(allowed.text.utf8)) == ["allowed": false])
          #expect(try await calls.send(.get, "/health").status == 200)
          #expect(try await calls.send(.post, "/allow_delete", "{}").status == 400)
          #expect(try await calls.send(.post, "/allow_delete", "rubbish").status == 400)
          #expect(try await calls.send(.delete, "/allow_delete").status == 405)
          #expect(try await calls.send(.post, "/allow_delete", #"{"allowed":true}"#).status == 200)
          let server = try await cluster.client.get(Server.self, ObjectKey(namespace: "default", name: "one"))
          #expect(server.status?.conditions.isTrue("DeleteAllowed") == true)
          sidecar.send(SIGKILL)
          try await eventually("it is dead") { sidecar.isOver }
        }
        let status = try await Program.run("umpire-sidecar", [], environment: environment, in: folder) { sidecar in
          try await eventually("it remembers") {
            try await calls.json(.get, "/allow_delete") == ["allowed": true]
          }
          sidecar.send(SIGTERM)
          try await eventually("it ends") { sidecar.isOver }
        }
        #expect(status == .exited(0))
      }
    }
  }

  @Test func aGameEndsItsMatchBeforeItLetsGo() async throws {
    try await withFolder { folder in
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let address = Loopback.address()
      let calls = HTTPCalls(transport: transport, authority: "\(address):8080")
      let environment = [
        "POD_IP": address, "UMPIRE_BIND_ADDRESS": address, "GAME_POLL_MILLISECONDS": "50",
      ]
      try await Program.run("umpire-sidecar", ["--standalone"], environment: environment, in: folder) { _ in
        try await eventually("the sidecar answers") { try await calls.send(.get, "/health").status == 200 }
        let status = try await Program.run("sample-game-server", [], environment: environment, in: folder) { game in
          let player = try await eventually("a player is in") {
            try await GamePlayer(joining: address, port: 7777, as: "anna")
          }
          #expect(try await calls.send(.post, "/shutdown", #"{"shutdown":true}"#).status == 200)
          try await eventually("nobody else is let in") {
            do {
              _ = try await GamePlayer(joining: address, port: 7777, as: "ben")
              return false
            } catch is GameRefusal {
              return true
            }
          }
          #expect(player.isConnected)
          #expect(try await calls.json(.get, "/allow_delete") == ["allowed": false])
          player.leave()
          try await eventually("the game lets go") { try await calls.json(.get, "/allow_delete") == ["allowed": true] }
          game.send(SIGTERM)
          try await eventually("the game ends") { game.isOver }
        }
        #expect(status == .exited(0))
      }
    }
  }

  @Test func aloneItServesTheSDKFromMemory() async throws {
    try await withFolder { folder in
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let address = Loopback.address()
      let sdk = HTTPCalls(transport: transport, authority: "\(address):9021")
      let rest = HTTPCalls(transport: transport, authority: "\(address):8080")
      let environment = ["UMPIRE_BIND_ADDRESS": address, "SERVER_NAME": "mine"]
      try await Program.run("umpire-sidecar", ["--standalone"], environment: environment, in: folder) { _ in
        try await eventually("it answers") { try await rest.send(.get, "/health").status == 200 }
        try await eventually("the SDK answers") { try await sdk.send(.get, "/gameserver").status == 200 }
        #expect(try await sdk.send(.put, "/metadata/label", #"{"key":"map","value":"desert"}"#).status == 200)
        #expect(try await sdk.send(.put, "/condition", #"{"key":"DeleteAllowed","value":"True"}"#).status == 200)
        let server = try await sdk.json(.get, "/gameserver")
        #expect(server["objectMeta"]?["name"] == "mine")
        #expect(server["objectMeta"]?["labels"] == ["umpire.dev/sdk-map": "desert"])
        #expect(try await rest.json(.get, "/allow_delete") == ["allowed": true])
        #expect(try await rest.json(.get, "/plugins")["plugins"] == [])
      }
    }
  }

  @Test func theHookWaitsForEveryPort() async throws {
    try await withFolder { folder in
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let address = Loopback.address()
      let environment = ["UMPIRE_BIND_ADDRESS": address, "SERVER_NAME": "mine"]
      let status = try await Program.run("umpire-sidecar", ["--wait"], environment: environment, in: folder) { hook in
        try await Program.run("umpire-sidecar", ["--standalone"], environment: environment, in: folder) { _ in
          try await eventually("it ends") { hook.isOver }
          for (port, path) in [(8080, "/health"), (9021, "/gameserver")] {
            let calls = HTTPCalls(transport: transport, authority: "\(address):\(port)")
            #expect(try await calls.send(.get, path).status == 200)
          }
        }
      }
      #expect(status == .exited(0))
      let wrong = try await Program.run(
        "umpire-sidecar", ["--wait", "--standalone"], environment: environment, in: folder
      ) { program in try await eventually("it ends") { program.isOver } }
      #expect(wrong == .exited(EX_USAGE))
    }
  }

  @Test func aStopEndsEveryStreamAndEveryWait() async throws {
    try await withFolder { folder in
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let address = Loopback.address()
      let rest = HTTPCalls(transport: transport, authority: "\(address):8080")
      let environment = ["UMPIRE_BIND_ADDRESS": address]
      let status = try await Program.run(
        "umpire-sidecar", ["--standalone"], environment: environment, in: folder
      ) { sidecar in
        try await eventually("it answers") { try await rest.send(.get, "/health").status == 200 }
        let stream = try await eventually("the SDK answers") { try await SocketClient(host: address, port: 9021) }
        try await stream.send("GET /watch/gameserver HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await stream.receive(until: "result").contains("200 OK"))
        let waiting = try await SocketClient(host: address, port: 8080)
        try await waiting.send("GET /shutdown?wait=60s HTTP/1.1\r\nHost: x\r\n\r\n")
        try await eventually("it is on its way") {
          try await rest.send(.get, "/metrics").text.contains("umpire_sidecar_watchers 1")
        }
        sidecar.send(SIGTERM)
        // Either ends by itself, long before the minute is over.
        #expect(try await waiting.receiveAll().contains(#"{"shutdown":false}"#))
        #expect(try await stream.receiveAll().hasSuffix("0\r\n\r\n"))
        try await eventually("it ends") { sidecar.isOver }
      }
      #expect(status == .exited(0))
    }
  }

  @Test func aWrongConfigurationIsSaidAtOnce() async throws {
    try await withFolder { folder in
      let file = "\(folder)/config.yaml"
      try "plugins: [{name: hot_updat}, {name: http_probe, config: {endpoints: 5}}]".write(
        toFile: file, atomically: true, encoding: .utf8)
      let status = try await Program.run(
        "umpire-sidecar", ["--standalone", "--config", file, "--check-config"], environment: [:], in: folder
      ) { sidecar in
        try await eventually("it ends") { sidecar.isOver }
        #expect(sidecar.output.contains("hot_update"))
        #expect(sidecar.output.contains("endpoints"))
      }
      #expect(status == .exited(EX_USAGE))
    }
  }
}
