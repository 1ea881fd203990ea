import KubernetesModel
import Testing

@Suite(.enabled(if: Kubectl.isInstalled, "there is no kubectl on the PATH"))
struct KubectlLogTests {
  @Test func showsWhatContainersWrote() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.pod(containers: ["main", "aside"]))
      let early = try await kubectl.run(["logs", "duel", "-c", "main"])
      #expect(early.errors.contains("container \"main\" in pod \"duel\" is"))
      try await cluster.run(pod: "duel", containers: ["main", "aside"])
      try cluster.write("one\ntwo\nthree\n", pod: "duel", container: "main")
      try cluster.write("beside\n", pod: "duel", container: "aside")

      async let all = kubectl("logs", "duel")
      async let last = kubectl("logs", "duel", "-c", "main", "--tail=2")
      async let some = kubectl("logs", "duel", "-c", "main", "--limit-bytes=5")
      async let other = kubectl("logs", "pod/duel", "-c", "aside")
      async let everything = kubectl("logs", "-l", "app=duel", "--all-containers", "--prefix")
      async let previous = kubectl.run(["logs", "duel", "-c", "main", "--previous"])
      async let unnamed = kubectl.run(["get", "--raw", "/api/v1/namespaces/default/pods/duel/log"])
      async let unknown = kubectl.run(["logs", "duel", "-c", "none"])
      #expect(try await all.output == "one\ntwo\nthree\n")
      #expect(try await last.output == "two\nthree\n")
      #expect(try await some.output == "one\nt")
      #expect(try await other.output == "beside\n")
      #expect(try await everything.output.contains("[pod/duel/aside] beside\n"))
      #expect(
        try await previous.errors.contains("previous terminated container \"main\" in pod \"duel\" not found"))
      #expect(
        try await unnamed.errors.contains(
          "a container name must be specified for pod duel, choose one of: [main aside]"))
      #expect(try await unknown.errors.contains("container none is not valid for pod duel"))
    }
  }

  @Test func showsLinesByTheirTimesAndTheRunBefore() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.pod())
      try await cluster.set(
        pod: "duel",
        """
        {"phase": "Running", "containerStatuses": [
          {"name": "main", "image": "game", "imageID": "", "ready": true, "restartCount": 1,
           "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
           "lastState": {"terminated": {"exitCode": 1}}}]}
        """)
      let start = try #require(Timestamp("2026-01-01T00:00:00Z"))
      try cluster.write("lost\n", pod: "duel", container: "main", at: start)
      try cluster.write("old\n", pod: "duel", container: "main", at: start, startsRun: true)
      try cluster.write("new\n", pod: "duel", container: "main")
      async let all = kubectl("logs", "duel", "--timestamps", "--tail=2")
      async let since = kubectl("logs", "duel", "--since=1h")
      async let sinceTime = kubectl("logs", "duel", "--since-time=2026-01-01T00:00:01Z")
      async let previous = kubectl("logs", "duel", "--previous")
      #expect(try await all.output.hasPrefix("2026-01-01T00:00:00.000000Z old\n"))
      #expect(try await since.output == "new\n")
      #expect(try await sinceTime.output == "new\n")
      #expect(try await previous.output == "lost\n")
    }
  }

  @Test func followsUntilTheContainerEnds() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.pod())
      try await cluster.run(pod: "duel", containers: ["main"])
      try cluster.write("old\nnew\n", pod: "duel", container: "main")
      let status = try await kubectl.following("logs", "-f", "duel", "--tail=1") { output in
        try await output.lines(with: "new")
        try cluster.write("later\n", pod: "duel", container: "main")
        try await output.lines(with: "later")
        #expect(!output.isComplete)
        try cluster.write("last\n", pod: "duel", container: "main")
        try await cluster.set(
          pod: "duel",
          """
          {"phase": "Succeeded", "containerStatuses": [
            {"name": "main", "image": "game", "imageID": "", "ready": false, "restartCount": 0,
             "state": {"terminated": {"exitCode": 0}}}]}
          """)
        try await output.end()
        #expect(output.text == "new\nlater\nlast\n")
      }
      #expect(status == 0)
    }
  }
}
