import FoundationEssentials
import Glibc
import Testing

@Suite(.enabled(if: Kubectl.isInstalled, "there is no kubectl on the PATH"))
struct KubectlWriteTests {
  @Test func appliesAndShowsDifferences() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      let apply = ["apply", "-f", "-"]
      #expect(
        try await kubectl.run(apply, input: Manifests.gameType()).output == "gametype.umpire.dev/arena created\n")
      #expect(
        try await kubectl.run(apply, input: Manifests.gameType()).output == "gametype.umpire.dev/arena unchanged\n")
      let difference = try await kubectl.run(["diff", "-f", "-"], input: Manifests.gameType(replicas: 5))
      #expect(difference.status == 1)
      #expect(difference.output.contains("+      replicas: 5"))
      #expect(
        try await kubectl.run(apply, input: Manifests.gameType(replicas: 5)).output
          == "gametype.umpire.dev/arena configured\n")
      #expect(try await kubectl.run(["diff", "-f", "-"], input: Manifests.gameType(replicas: 5)).status == 0)
      let dry = try await kubectl("apply", "--dry-run=server", "-f", "-", input: Manifests.gameType(replicas: 9))
      #expect(dry.output == "gametype.umpire.dev/arena configured (server dry run)\n")

      let wrong = Manifests.gameType().replacing("scaling:", with: "nonsense: 1\n    scaling:")
      let refusal = try await kubectl.run(apply, input: wrong)
      #expect(refusal.status == 1)
      #expect(refusal.errors.contains("unknown field \"spec.fleetSpec.nonsense\""))
    }
  }

  @Test func appliesBuiltInKindsByStrategicMerge() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.pod(containers: ["main", "aside"]))
      // What somebody else added stays.
      try await kubectl("label", "pod", "duel", "added=later")
      let changed = Manifests.pod(image: "game:2", containers: ["main", "aside"])
      let applied = try await kubectl("apply", "-f", "-", input: changed)
      #expect(applied.output == "pod/duel configured\n")
      #expect(applied.errors == "")
      let images = try await kubectl(
        "get", "pod", "duel", "-o", "jsonpath={.spec.containers[*].image} {.metadata.labels.added}")
      #expect(images.output == "game:2 game:2 later")
    }
  }

  @Test func appliesOnTheServer() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      let apply = ["apply", "--server-side", "-f", "-"]
      let first = try await kubectl.run(apply, input: Manifests.gameType())
      #expect(first.output == "gametype.umpire.dev/arena serverside-applied\n")
      try await kubectl("apply", "--server-side", "-f", "-", input: Manifests.pod())

      let other = apply + ["--field-manager=other"]
      let conflict = try await kubectl.run(other, input: Manifests.gameType(replicas: 7))
      #expect(conflict.status == 1)
      #expect(conflict.errors.contains("Apply failed with 1 conflict: conflict with \"kubectl\""))
      let forced = try await kubectl.run(other + ["--force-conflicts"], input: Manifests.gameType(replicas: 7))
      #expect(forced.status == 0)
      let fields = try await kubectl("get", "gt", "arena", "--show-managed-fields", "-o", "json")
      #expect(fields.output.contains("\"manager\": \"other\""))
    }
  }

  @Test func changesObjects() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      func value(_ path: String, of object: String) async throws -> String {
        try await kubectl("get", object, "-o", "jsonpath={\(path)}").output
      }
      let replicas = ".spec.fleetSpec.scaling.replicas"
      try await kubectl("apply", "-f", "-", input: Manifests.gameType())
      try await kubectl("apply", "-f", "-", input: Manifests.pod())
      try await kubectl(
        "patch", "gt", "arena", "--type=merge", "-p", #"{"spec": {"fleetSpec": {"scaling": {"replicas": 3}}}}"#)
      #expect(try await value(replicas, of: "gt/arena") == "3")
      try await kubectl(
        "patch", "gt", "arena", "--type=json",
        "-p", #"[{"op": "replace", "path": "/spec/fleetSpec/scaling/replicas", "value": 4}]"#)
      #expect(try await value(replicas, of: "gt/arena") == "4")
      try await kubectl(
        "patch", "pod", "duel", "-p", #"{"spec": {"containers": [{"name": "main", "image": "game:3"}]}}"#)
      #expect(try await value(".spec.containers[0].env[0].value", of: "pod/duel") == "duel")

      try await kubectl("label", "gt", "arena", "team=blue")
      try await kubectl("annotate", "gt", "arena", "note=kept")
      try await kubectl("label", "gt", "arena", "team-")
      #expect(try await value(".metadata.labels.team", of: "gt/arena") == "")
      #expect(try await value(".metadata.annotations.note", of: "gt/arena") == "kept")

      let editor = "\(kubectl.folder)/editor"
      try Data("#!/bin/sh\nsed -i 's/replicas: 4/replicas: 6/' \"$1\"\n".utf8).write(to: URL(filePath: editor))
      #expect(chmod(editor, 0o700) == 0)
      let edited = try await kubectl.run(
        ["edit", "gt", "arena"], variables: ["EDITOR": editor, "KUBE_EDITOR": editor])
      #expect(edited.output == "gametype.umpire.dev/arena edited\n")
      #expect(try await value(replicas, of: "gt/arena") == "6")

      try await kubectl("create", "-f", "\(KubectlCluster.manifests)/samples/fleet.yaml")
      #expect(
        try await kubectl("scale", "fleet/practice", "--replicas=9").output == "fleet.umpire.dev/practice scaled\n")
      #expect(try await value(".spec.scaling.replicas", of: "fleet/practice") == "9")
      let stale = try await kubectl.run(["scale", "fleet/practice", "--current-replicas=1", "--replicas=2"])
      #expect(stale.errors.contains("Expected replicas to be 1, was 9"))
    }
  }

  @Test func createsPodsAndServicesByTheirOwnCommands() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      #expect(try await kubectl("run", "duel", "--image=game:1", "--port=7000").output == "pod/duel created\n")
      async let inner = kubectl("create", "service", "clusterip", "inner", "--tcp=80:http", "--tcp=81:8081")
      async let outer = kubectl("create", "service", "externalname", "outer", "--external-name=play.example.com")
      async let exposed = kubectl("expose", "pod", "duel", "--name=shown", "--target-port=7000")
      #expect(try await inner.output == "service/inner created\n")
      #expect(try await outer.output == "service/outer created\n")
      #expect(try await exposed.output == "service/shown exposed\n")
      let ports = try await kubectl("get", "service", "inner", "-o", "jsonpath={.spec.ports[*].targetPort}")
      #expect(ports.output == "http 8081")
      let name = try await kubectl("get", "service", "outer", "-o", "jsonpath={.spec.type} {.spec.externalName}")
      #expect(name.output == "ExternalName play.example.com")
      let selector = try await kubectl("get", "service", "shown", "-o", "jsonpath={.spec.selector}")
      #expect(selector.output == #"{"run":"duel"}"#)
      let pod = try await kubectl("get", "pod", "duel", "-o", "jsonpath={.spec.containers[0].ports[0].containerPort}")
      #expect(pod.output == "7000")
    }
  }

  @Test func createsAndDeletesNamespaces() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      #expect(try await kubectl("create", "namespace", "stage").output == "namespace/stage created\n")
      async let map = kubectl("create", "configmap", "rules", "--from-literal=mode=duel", "-n", "stage")
      async let secret = kubectl("create", "secret", "generic", "key", "--from-literal=a=b", "-n", "stage")
      #expect(try await map.output == "configmap/rules created\n")
      #expect(try await secret.output == "secret/key created\n")
      let data = try await kubectl("get", "cm/rules", "secret/key", "-n", "stage", "-o", "jsonpath={.items[*].data}")
      #expect(data.output == #"{"mode":"duel"} {"a":"Yg=="}"#)
      #expect(try await kubectl("delete", "namespace", "stage").output == "namespace \"stage\" deleted\n")
      let contents = try await kubectl("get", "configmaps,secrets", "-n", "stage", "-o", "name")
      #expect(contents.output == "")
    }
  }

  @Test func refusesRolloutsOfWhatRollsOutNothing() async throws {
    try await withKubectl { cluster in
      try await cluster.kubectl("apply", "-f", "-", input: Manifests.gameType())
      async let custom = cluster.kubectl.run(["rollout", "status", "gametype/arena"])
      async let unknown = cluster.kubectl.run(["rollout", "status", "statefulset/arena"])
      #expect(try await custom.status == 1)
      #expect(try await custom.errors.contains("GameType"))
      #expect(try await unknown.errors.contains("the server doesn't have a resource type \"statefulset\""))
    }
  }
}
