import KubernetesModel
import Testing

@testable import SidecarPlugins

struct PluginFileTests {
  private static let kinds = [PluginKind(FirstPlugin.self), PluginKind(SecondPlugin.self)]

  private func read(_ text: String) throws -> PluginFile {
    try PluginFile.read(Array(text.utf8), kinds: Self.kinds, context: ConfigurationContext(hasAPIServer: true))
  }

  private func errors(_ text: String) -> [String] {
    do throws(PluginConfigurationError) {
      _ = try PluginFile.read(Array(text.utf8), kinds: Self.kinds, context: ConfigurationContext(hasAPIServer: true))
      return []
    } catch {
      return error.faults.map(\.description)
    }
  }

  @Test(arguments: [
    "plugins: [{name: first, bootorder: 3, config: {must: be}}]\nrestartpolicy: Never",
    "Plugins: [{Name: first, bootOrder: 3, Config: {MUST: be}}]\nrestartPolicy: Never",
    #"{"PLUGINS": [{"name": "first", "BOOTORDER": 3, "config": {"Must": "be"}}], "RestartPolicy": "Never"}"#,
  ])
  func keysAreFoundInAnyCase(text: String) throws {
    let file = try self.read(text)
    #expect(file.plugins.map(\.name) == ["first"])
    #expect(file.plugins.map(\.bootOrder) == [3])
    #expect(file.restartPolicy == .never)
    #expect(file.warnings.isEmpty)
  }

  @Test func saysWhatHasNoEffectAndWhatWasMeant() throws {
    let file = try self.read(
      """
      plugins:
      - {name: first, bootOrdr: 1, config: {must: be, vlaue: 3, entirelyOther: 1}}
      resources: {CPU: 100m, Memory: 128Mi}
      sidecarStartOrder: Before
      """)
    #expect(
      file.warnings.map(\.description) == [
        "resources: has no effect: the Server's spec.sidecar.resources says what the sidecar may use",
        "sidecarstartorder: has no effect: the Server's spec.sidecar.startOrder says when the sidecar starts",
        "plugins[0].bootOrdr: is not known and has no effect; did you mean 'bootorder'?",
        "plugins[first].config.entirelyOther: is not known and has no effect",
        "plugins[first].config.vlaue: is not known and has no effect; did you mean 'value'?",
      ])
  }

  @Test func saysEverythingThatIsWrongAtOnce() {
    #expect(
      self.errors(
        """
        plugins:
        - {name: first, config: {value: nine, must: 3}}
        - {name: second, config: [1]}
        - {name: second, config: {must: secret}}
        - {name: third}
        - {bootorder: x}
        - 7
        restartpolicy: Sometimes
        """) == [
          "plugins[5]: Invalid value: 7: must be an object",
          #"plugins[first].config.value: Invalid value: "nine": must be a whole number"#,
          "plugins[first].config.must: Invalid value: 3: must be a string; put it in quotes",
          "plugins[second].config: Invalid value: [1]: must be an object",
          "plugins[second].config.must: Invalid value: must be another",
          #"plugins[3].name: Unsupported value: "third": supported values: "first", "second""#,
          "plugins[4].name: Required value",
          #"plugins[4].bootorder: Invalid value: "x": must be a whole number"#,
          #"restartpolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never""#,
        ])
    #expect(self.errors("plugins: [{name: first, config: {must: a, MUST: b}}]").count == 1)
    #expect(
      self.errors("plugins: [{name: first, config: {must: a}}, {name: first, config: {must: b}}]")
        == [#"plugins[1].name: Duplicate value: "first""#])
  }

  @Test(arguments: ["", "# nothing\n", "null", "---\n", "{}", "plugins:\n", "plugins: []"])
  func anEmptyFileRunsNothing(text: String) throws {
    #expect(try self.read(text).plugins.isEmpty)
  }

  @Test func refusesWhatIsNoConfiguration() {
    #expect(self.errors("7") == ["the configuration must be an object"])
    #expect(self.errors("plugins: {name: first}").count == 1)
    #expect(
      self.errors("a: [1").first?.hasPrefix("the configuration cannot be read: line 2, column 1: not YAML: ") == true)
    #expect(self.errors("a: 1\na: 2") == ["the configuration cannot be read: line 1: the same key twice: a"])
    #expect(self.errors(String(repeating: "[", count: 100_000)).count == 1)
    #expect(
      self.errors("#" + String(repeating: " ", count: 1 << 20))
        == ["the configuration cannot be read: larger than 1048576 bytes"])
    var bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
    for level in 1...8 {
      bomb += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ","))]\n"
    }
    #expect(self.errors(bomb) == ["the configuration cannot be read: more than 20000 values"])
  }
}
