import KubernetesModel
import Testing

@testable import ProcessNode

struct MountMappingTests {
  private static let mapping = MountMapping([
    .init(path: "/etc/game", target: "/pod/config"),
    .init(path: "/etc/game/tls/", target: "/pod/tls"),
    .init(path: "/app/downloads", target: "/pod/downloads"),
    .init(path: "/etc/one/server.yaml", target: "/pod/config/server.yaml"),
  ])

  @Test(arguments: [
    // At the beginning of a text.
    ("/etc/game", "/pod/config"),
    ("/etc/game/", "/pod/config/"),
    ("/etc/game/config.yaml", "/pod/config/config.yaml"),
    ("/etc/game/a/b c.yaml", "/pod/config/a/b c.yaml"),
    // At the boundary of a path only.
    ("/etc/games", "/etc/games"),
    ("/etc/game.yaml", "/etc/game.yaml"),
    ("/etc", "/etc"),
    ("/srv/etc/game", "/srv/etc/game"),
    ("etc/game", "etc/game"),
    ("./etc/game", "./etc/game"),
    // The longest mount counts, in whatever order they are given.
    ("/etc/game/tls", "/pod/tls"),
    ("/etc/game/tls/key.pem", "/pod/tls/key.pem"),
    ("/etc/game/tls2", "/pod/config/tls2"),
    // A single file.
    ("/etc/one/server.yaml", "/pod/config/server.yaml"),
    ("/etc/one/other.yaml", "/etc/one/other.yaml"),
    // Behind an equals sign.
    ("--config=/etc/game/config.yaml", "--config=/pod/config/config.yaml"),
    ("-Dconfig.file=/etc/game", "-Dconfig.file=/pod/config"),
    ("-D=a=/etc/game", "-D=a=/pod/config"),
    ("--config=etc/game", "--config=etc/game"),
    ("--a=/etc/games", "--a=/etc/games"),
    ("/etc/game/a=b", "/pod/config/a=b"),
    ("/etc/game=b", "/etc/game=b"),
    ("=", "="),
    // In a list with colons.
    ("/etc/game:/app/downloads/x:/bin", "/pod/config:/pod/downloads/x:/bin"),
    (":/etc/game::", ":/pod/config::"),
    ("--path=/bin:/etc/game", "--path=/bin:/pod/config"),
    ("host:/etc/game", "host:/pod/config"),
    // URLs are left alone.
    ("http://host/etc/game", "http://host/etc/game"),
    ("http://host:8080/etc/game", "http://host:8080/etc/game"),
    ("file:///etc/game", "file:///etc/game"),
    ("//etc/game", "//etc/game"),
    // What a path leaves again does not count.
    ("/etc//game/./config.yaml", "/pod/config/config.yaml"),
    ("/etc/game/../passwd", "/etc/game/../passwd"),
    ("/etc/x/../game/config.yaml", "/pod/config/config.yaml"),
    ("/etc/game/tls/../config.yaml", "/pod/config/config.yaml"),
    ("/../etc/game", "/pod/config"),
    // Within other words.
    ("cat /etc/game/config.yaml", "cat /etc/game/config.yaml"),
    ("-I/etc/game", "-I/etc/game"),
    ("a,/etc/game", "a,/etc/game"),
    ("", ""), ("/", "/"), (":", ":"), ("no path", "no path"),
  ])
  func pathsBehindMountsAreReplaced(text: String, expected: String) {
    #expect(Self.mapping.map(text) == expected)
  }

  @Test func withoutMountsNothingIsReplaced() {
    #expect(MountMapping().map("/etc//game/../x:/y/") == "/etc//game/../x:/y/")
  }

  @Test func commandArgumentsAndWorkingFolderAreExpandedAndThenMapped() {
    var container = Container(name: "game", image: "game")
    container.command = ["$(ROOT)/game/run", "--config", "$(ROOT)/game/config.yaml"]
    container.args = ["--out=$(OUT)", "$$(ROOT)", "/etc/game/$(NAME)"]
    container.workingDirectory = "/app/downloads"
    let mapped = Self.mapping.map(
      container, environment: ["ROOT": "/etc", "OUT": "/app/downloads/out", "NAME": "a.yaml"])
    #expect(mapped.command == ["/pod/config/run", "--config", "/pod/config/config.yaml"])
    #expect(mapped.args == ["--out=/pod/downloads/out", "$(ROOT)", "/pod/config/a.yaml"])
    #expect(mapped.workingDirectory == "/pod/downloads")
  }

  @Test func onlyThePodsOwnVariablesAreMapped() {
    var container = Container(name: "game", image: "game")
    container.environment = [
      EnvironmentVariable(name: "CONFIG", value: "unused"), EnvironmentVariable(name: "UMPIRE_NODE_STATE", value: "x"),
    ]
    let environment = Self.mapping.map(
      [
        "CONFIG": "/etc/game/config.yaml:/bin", "KUBECONFIG": "/etc/game/kubeconfig",
        "UMPIRE_NODE_STATE": "/app/downloads",
      ], of: container)
    #expect(
      environment == [
        "CONFIG": "/pod/config/config.yaml:/bin", "KUBECONFIG": "/etc/game/kubeconfig",
        "UMPIRE_NODE_STATE": "/app/downloads",
      ])
  }
}
