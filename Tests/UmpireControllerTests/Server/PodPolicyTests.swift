import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

/// What the policies of a cluster say of the Pods that we make.
@Suite struct PodPolicyTests {
  /// A game that the profile admits by itself, without what its Pod may say for all containers.
  private static func spec(user: Int64?) -> PodSpec {
    var game = Container(name: "game", image: "game:1")
    game.fields["securityContext"] = [
      "allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": ["drop": ["ALL"]],
      "seccompProfile": ["type": "RuntimeDefault"],
    ]
    var spec = PodSpec(containers: [game])
    if let user { spec.fields["securityContext"] = ["runAsUser": .integer(user)] }
    return spec
  }

  @Test(arguments: [SidecarSpec.StartOrder.before, .after], [nil, 1_000] as [Int64?])
  func theRestrictedProfileAdmitsThePod(order: SidecarSpec.StartOrder, user: Int64?) {
    for configMap in [nil, "plugins"] {
      var server = Fixtures.server("a")
      server.spec.pod = Self.spec(user: user)
      server.spec.sidecar.startOrder = order
      server.spec.sidecar.configMapName = configMap
      let pod = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "s"))
      #expect(pod.spec.containers.count + pod.spec.initContainers.count == 2)
      #expect(RestrictedProfile(pod.spec).violations == [])
    }
  }

  /// The rules find what they are there for.
  @Test func theProfileRefusesWhatItForbids() throws {
    let changes: [(String, (inout PodSpec) -> Void)] = [
      ("hostNetwork", { $0.fields["hostNetwork"] = true }),
      ("runAsUser", { $0.fields["securityContext"] = ["runAsUser": 0] }),
      ("restrictedVolumes", { $0.fields["volumes"] = [["name": "root", "hostPath": ["path": "/"]]] }),
      ("sysctls", { $0.fields["securityContext"] = ["sysctls": [["name": "kernel.msgmax", "value": "1"]]] }),
    ]
    for (name, change) in changes {
      var spec = Self.spec(user: nil)
      change(&spec)
      #expect(RestrictedProfile(spec).violations.map { $0.prefix(name.count) } == [Substring(name)])
    }
    let fields: [(String, JSONValue)] = [
      ("seccompProfile", ["seccompProfile": nil]), ("seccompProfile", ["seccompProfile": ["type": "Unconfined"]]),
      ("allowPrivilegeEscalation", ["allowPrivilegeEscalation": nil]), ("capabilities drop", ["capabilities": nil]),
      ("capabilities add", ["capabilities": ["add": ["SYS_TIME"]]]), ("runAsNonRoot", ["runAsNonRoot": false]),
      ("privileged", ["privileged": true]), ("runAsUser", ["runAsUser": 0]), ("procMount", ["procMount": "Unmasked"]),
    ]
    for (name, patch) in fields {
      var spec = Self.spec(user: nil)
      var game = try #require(spec.containers.first)
      game.fields["securityContext"] = game.fields["securityContext"]?.applying(mergePatch: patch)
      spec.containers = [game]
      #expect(RestrictedProfile(spec).violations == ["\(name) of game"])
    }
  }

  /// A LimitRange's minimum, its ratio of limit to request, and a quota that requires every limit.
  @Test func commonRangesAdmitTheDefaults() {
    let standard = SidecarResources.standard
    #expect(standard.requests == ["cpu": "50m", "memory": "64Mi"])
    #expect(standard.limits == ["cpu": "100m", "memory": "128Mi"])
    let container = PodTemplate.pod(for: Fixtures.server("a"), sidecar: SidecarDefaults()).spec.initContainers.first
    #expect(container?.fields["resources"] == standard.json)
  }

  @Test func theResourcesOfTheServerCountBeforeThoseOfTheCluster() {
    let defaults = SidecarDefaults(resources: SidecarResources(requests: ["cpu": "1"]))
    let standard = PodTemplate.pod(for: Fixtures.server("a"), sidecar: defaults).spec.initContainers.first
    #expect(standard?.fields["resources"] == ["requests": ["cpu": "1"]])
    var server = Fixtures.server("a")
    server.spec.sidecar.resources = ["limits": ["memory": "1Gi"]]
    let own = PodTemplate.pod(for: server, sidecar: defaults).spec.initContainers.first
    #expect(own?.fields["resources"] == ["limits": ["memory": "1Gi"]])
  }

  @Test(
    arguments: [
      ("", [:]), ("cpu=50m", ["cpu": "50m"]), ("cpu=0.5,memory=64Mi", ["cpu": "0.5", "memory": "64Mi"]),
      ("example.com/gpu=1", ["example.com/gpu": "1"]), ("cpu", nil), ("cpu=", nil), ("cpu=-1", nil), ("cpu=1x", nil),
      ("cpu=1,cpu=2", nil), ("cpu=1,", nil), (",", nil), ("=1", nil), ("cpu=1.2.3", nil),
      ("memory=1e3", ["memory": "1e3"]), ("cpu=.5", ["cpu": ".5"]),
      ("cpu=.", nil),
      ("cpu =1", nil), ("memory=64mi", nil),
    ] as [(String, [String: String]?)])
  func quantitiesAreReadAsKubectlReadsThem(text: String, quantities: [String: String]?) {
    #expect(SidecarResources.quantities(text) == quantities)
  }

  @Test func aRefusalForResourcesNamesTheContainersAndTheField() {
    var server = Fixtures.server("a")
    server.spec.pod.containers[0].fields["resources"] = ["requests": ["cpu": 1], "limits": ["memory": "1Gi"]]
    let range = #"pods "a-pod" is forbidden: minimum cpu usage per Container is 50m, but request is 10m"#
    let quota = #"pods "a-pod" is forbidden: failed quota: compute: must specify limits.cpu for: umpire-sidecar"#
    for text in [range, quota] {
      #expect(
        PodRefusal.message(text, for: server, defaults: SidecarDefaults()) == text
          + "; game has requests cpu=1 and limits memory=1Gi; umpire-sidecar has requests cpu=50m, memory=64Mi and "
          + "limits cpu=100m, memory=128Mi; sidecar.resources of the Fleet or of a new Server sets those of umpire-sidecar"
      )
    }
    let game = #"pods "a-pod" is forbidden: failed quota: compute: must specify limits.cpu for: game"#
    #expect(PodRefusal.message(game, for: server, defaults: SidecarDefaults()) == game)
    let other = #"pods "a-pod" is forbidden: violates PodSecurity "restricted:latest": privileged"#
    #expect(PodRefusal.message(other, for: server, defaults: SidecarDefaults()) == other)
    var without = server
    without.spec.sidecar.enabled = false
    #expect(PodRefusal.message(range, for: without, defaults: SidecarDefaults()) == range)
  }
}
