import TestSupport
import Testing

@Suite(.enabled(if: Kubectl.isInstalled, "there is no kubectl on the PATH"))
struct KubectlWaitTests {
  @Test func waitsForConditions() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.pod())
      let tooSoon = try await kubectl.run(["wait", "--for=condition=Ready", "pod/duel", "--timeout=0"])
      #expect(tooSoon.status == 1)
      let status = try await kubectl.following("wait", "--for=condition=Ready", "pod/duel", "--timeout=60s") { output in
        try await cluster.run(pod: "duel", containers: ["main"])
        try await output.end()
        #expect(output.text == "pod/duel condition met\n")
      }
      #expect(status == 0)
      try await kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod", "-l", "app=duel", "--timeout=60s")
    }
  }

  @Test func waitsForDeletions() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.gameType())
      try await kubectl(
        "patch", "gt", "arena", "--type=merge", "-p", #"{"metadata": {"finalizers": ["example.com/wait"]}}"#)
      let deleted = try await kubectl("delete", "gt", "arena", "--wait=false")
      #expect(deleted.output == "gametype.umpire.dev \"arena\" deleted\n")
      #expect(try await kubectl("get", "gt", "-o", "name").output == "gametype.umpire.dev/arena\n")
      let tooSoon = try await kubectl.run(["wait", "--for=delete", "gt/arena", "--timeout=1ms"])
      #expect(tooSoon.status == 1)
      let status = try await kubectl.following("delete", "gt", "arena", "--timeout=60s") { deletion in
        let status = try await kubectl.following("wait", "--for=delete", "gt/arena", "--timeout=60s") { wait in
          try await deletion.lines(with: "deleted")
          #expect(!deletion.isComplete)
          try await kubectl(
            "patch", "gt", "arena", "--type=json", "-p", #"[{"op": "remove", "path": "/metadata/finalizers"}]"#)
          try await wait.end()
        }
        #expect(status == 0)
        try await deletion.end()
      }
      #expect(status == 0)
      #expect(try await kubectl("get", "gt", "-o", "name").output == "")
    }
  }

  @Test func watches() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.gameType(labels: "{team: red}"))
      try await kubectl.following("get", "gt", "-w", "--output-watch-events") { table in
        try await kubectl.following("get", "gt", "-w", "-l", "team=red", "-o", "name") { names in
          try await table.lines(with: "ADDED")
          try await names.lines(with: "gametype.umpire.dev/arena")
          try await kubectl("label", "gt", "arena", "seen=yes")
          try await table.lines(with: "MODIFIED")
          try await names.lines(2, with: "gametype.umpire.dev/arena")
          try await kubectl("delete", "gt", "arena")
          try await table.lines(with: "DELETED")
        }
      }
    }
  }
}
