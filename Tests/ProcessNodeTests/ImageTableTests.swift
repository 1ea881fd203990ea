import KubernetesModel
import Testing

@testable import ProcessNode

struct ImageTableTests {
  let table = ImageTable([
    "game": "/opt/game", "registry:5000/team/sidecar:2": "/opt/sidecar2", "team/tool": "/opt/tool",
  ])

  @Test(arguments: [
    ("game", "/opt/game"), ("game:1.2", "/opt/game"), ("game@sha256:abc", "/opt/game"), ("team/tool:9", "/opt/tool"),
    ("registry:5000/team/sidecar:2", "/opt/sidecar2"),
  ])
  func findsAnImageWithAndWithoutItsTag(image: String, program: String) {
    #expect(self.table.program(for: image) == program)
  }

  @Test func aPortIsNoTag() {
    #expect(ImageTable.repository(of: "registry:5000/team/game") == "registry:5000/team/game")
    #expect(ImageTable.repository(of: "registry:5000/team/game:1@sha256:ff") == "registry:5000/team/game")
    #expect(self.table.program(for: "registry:5000/team/sidecar:3") == nil)
  }

  @Test func anUnknownImageNamesTheWayOut() {
    let container = Container(name: "main", image: "nginx:1")
    #expect {
      try self.table.commandLine(for: container)
    } throws: { error in
      let problem = error as? ContainerProblem
      return problem?.reason == .imagePull && problem?.message.contains("--image nginx:1=PATH") == true
    }
  }

  @Test func argumentsFollowTheImagesProgram() throws {
    var container = Container(name: "main", image: "game:1")
    container.args = ["--port", "7777"]
    let line = try self.table.commandLine(for: container)
    #expect(line == ImageTable.CommandLine(program: "/opt/game", arguments: ["--port", "7777"]))
  }

  @Test func aCommandReplacesTheImage() throws {
    var container = Container(name: "main", image: "unknown")
    container.command = ["/bin/sh", "-c"]
    container.args = ["true"]
    #expect(
      try self.table.commandLine(for: container)
        == ImageTable.CommandLine(program: "/bin/sh", arguments: ["-c", "true"]))
    container.command = ["game"]
    #expect(try self.table.commandLine(for: container).program == "/opt/game")
    container.command = ["sleep"]
    #expect(try self.table.commandLine(for: container).program == "sleep")
  }
}
