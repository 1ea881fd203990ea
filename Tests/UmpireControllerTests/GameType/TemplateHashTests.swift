import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

/// The digest stands in the names and labels of Fleets: another one would have every GameType look as if it was updated.
@Suite struct TemplateHashTests {
  @Test func theDigestIsTheSameInEveryRelease() throws {
    #expect(try TemplateHash.digest(of: Fixtures.serverSpec()) == "f6cb284f")
    var plugged = Fixtures.serverSpec()
    plugged.sidecar.port = 9090
    plugged.sidecar.configMapName = "plugins"
    #expect(try TemplateHash.digest(of: plugged) == "343537ba")
  }

  @Test func itHasEightDigitsAlways() throws {
    #expect(try TemplateHash.digest(of: Fixtures.serverSpec(image: "game:12")) == "092bc2ed")
  }
}
