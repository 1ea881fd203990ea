import ClusterTestSupport
import KubernetesModel
import TestSupport
import Testing

@testable import SidecarPlugins

struct PluginSurroundingsTests {
  @Test func thePodIsNamedByItsServerUnlessTheEnvironmentSaysOtherwise() {
    let environment = ["POD_NAMESPACE": "games", "SERVER_NAME": "arena-1", "POD_NAME": ""]
    #expect(PluginIdentity(environment: environment) == .arena)
    #expect(PluginIdentity.arena.pod == ObjectKey(namespace: "games", name: "arena-1-pod"))
    let named = environment.merging(["POD_NAME": "by-hand"]) { $1 }
    #expect(PluginIdentity(environment: named)?.pod.name == "by-hand")
    for missing in ["POD_NAMESPACE", "SERVER_NAME"] {
      #expect(PluginIdentity(environment: environment.filter { $0.key != missing }) == nil)
    }
  }

  @Test func aConfigurationOfPeersFindsItsPodName() async throws {
    try await StorageScene.run { scene in
      try await withFolder { folder in
        let yaml = """
          plugins:
          - name: http_probe
            config:
              endpoints:
              - url: http://localhost:8080
                storageConfig:
                  type: InKube
                  inKube:
                    target: {version: v1, resource: pods, namespace: games, name: '${SELF:POD_NAME}'}
                    jsonPath: /metadata/annotations/x
          """
        try put(yaml, at: "\(folder)/config.yaml")
        let registry = PluginRegistry(path: "\(folder)/config.yaml", surroundings: scene.surroundings)
        #expect(try registry.check().isEmpty)
      }
    }
  }
}
