import ClusterTestSupport
import CurlTransport
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
}
