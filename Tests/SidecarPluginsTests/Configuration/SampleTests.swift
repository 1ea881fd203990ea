import Foundation
import KubernetesModel
import Testing

@testable import SidecarPlugins

struct SampleTests {
  @Test func theSampleIsReadWithoutAFaultOrAWarning() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try Data(contentsOf: root.appending(path: "manifests/sidecar/config.yaml"))
    let map = try #require(try ConfigurationText.read(Array(text)))
    let config = try #require(map["data"]?["config.yaml"]?.stringValue)
    let file = try PluginFile.read(
      Array(config.utf8), kinds: PluginKind.all, context: ConfigurationContext(hasAPIServer: true))
    #expect(file.plugins.map(\.name) == ["http_probe", "hot_update"])
    #expect(file.plugins.map(\.bootOrder) == [0, 1])
    #expect(file.warnings.isEmpty)
  }
}
