import ClusterTestSupport
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing

/// `umpire local api` and `umpire local node`, each a program of its own, with TLS and a token between them.
@Suite(.serialized) struct LocalPartsTests {
  private let key = ObjectKey(namespace: "default", name: "game")

  @Test func aNodeRunsThePodsOfAnAPIServerElsewhere() async throws {
    try await withFolder { folder in
      let arguments = try Self.apiArguments(folder)
      let nodeData = "\(folder)/node"
      let status = try await Program.run("umpire", arguments, in: folder) { api in
        _ = try await api.line(with: "The API server is running at https://")
        try await Self.withClient(folder) { client in
          let nodeStatus = try await Program.run("umpire", Self.nodeArguments(folder, data: nodeData), in: folder) {
            node in
            _ = try await node.line(with: "Node far of https://")
            _ = try await client.create(
              Pod(
                metadata: ObjectMeta(name: self.key.name, namespace: self.key.namespace),
                spec: PodSpec(containers: [Container(name: "game", image: "sample-game-server")])))
            try await eventually("the Pod is ready") { try await client.get(Pod.self, self.key).isReady }
            #expect(try await client.get(Pod.self, self.key).spec.nodeName == "far")
            #expect(NodeProcesses.all(of: nodeData).count == 1)
            node.send(SIGTERM)
            try await eventually("the node ends") { node.isOver }
            #expect(NodeProcesses.all(of: nodeData).isEmpty)
          }
          #expect(nodeStatus == .exited(0))
        }
      }
      #expect(status == .exited(0))

      // What is kept is the same after a restart, the authority too, so that clients go on trusting it.
      let authority = try Data(contentsOf: URL(filePath: "\(folder)/api/tls/ca.crt"))
      try await Program.run("umpire", arguments, in: folder) { api in
        _ = try await api.line(with: "The API server is running at https://")
        #expect(try Data(contentsOf: URL(filePath: "\(folder)/api/tls/ca.crt")) == authority)
        try await Self.withClient(folder) { client in
          let pod = try await client.find(Pod.self, self.key)
          #expect(pod?.spec.nodeName == "far")
        }
      }
    }
  }

  @Test func aNodeThatIsNotLetInSaysSoAndEnds() async throws {
    try await withFolder { folder in
      try await Program.run("umpire", try Self.apiArguments(folder), in: folder) { api in
        _ = try await api.line(with: "The API server is running at https://")
        let kubeconfig = try String(contentsOf: URL(filePath: "\(folder)/api/kubeconfig"), encoding: .utf8)
        for (old, new, reason) in [
          ("first-token", "unknown", "Unauthorized"), ("certificate-authority-data:", "ignored:", "certificate"),
        ] {
          let path = "\(folder)/wrong"
          try Data(kubeconfig.replacing(old, with: new).utf8).write(to: URL(filePath: path))
          let end = try await Program.finish(
            "umpire", ["local", "node", "--kubeconfig", path, "--data", folder], in: folder)
          #expect(end.status == .exited(69))
          #expect(end.output.contains(reason))
        }
      }
      let end = try await Program.finish(
        "umpire", ["local", "node", "--kubeconfig", "\(folder)/missing", "--data", folder], in: folder)
      #expect(end.status == .exited(66))
      #expect(end.output == "umpire: --kubeconfig \(folder)/missing: there is no such file\n")
    }
  }

  private static func apiArguments(_ folder: String) throws -> [String] {
    try Data("first-token\n".utf8).write(to: URL(filePath: "\(folder)/tokens"))
    return ["local", "api", "--port", "0", "--data", "\(folder)/api", "--token-file", "\(folder)/tokens", "--tls"]
  }

  private static func nodeArguments(_ folder: String, data: String) -> [String] {
    ["local", "node", "--kubeconfig", "\(folder)/api/kubeconfig", "--data", data, "--node-name", "far"]
  }

  private static func withClient(_ folder: String, _ body: (APIClient) async throws -> Void) async throws {
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let configuration = try Kubeconfig(paths: ["\(folder)/api/kubeconfig"]).configuration()
    try await body(APIClient(transport: transport, configuration: configuration, fieldManager: "test"))
  }
}
