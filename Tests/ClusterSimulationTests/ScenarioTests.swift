import ClusterSimulation
import Testing

extension SimulationTests {
  @Suite(.serialized, .timeLimit(.minutes(3)))
  struct ScenarioTests {
    @Test(arguments: Scenario.all.map(\.name))
    func endsWellWhenNothingGoesWrong(_ name: String) async throws {
      let scenario = try #require(Scenario.all.first { $0.name == name })
      let report = try await Simulation.play(scenario)
      #expect(report.violations == [], "\(name)")
      #expect(report.writes > 0)
    }
  }
}
