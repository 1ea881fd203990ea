import KubernetesClient
import KubernetesModel
import UmpireModel

/// A story that is played on a simulated cluster, and what must be true at its end.
package struct Scenario: Sendable {
  /// What it is called on the command line.
  package let name: String
  let play: @Sendable (Simulation) async throws -> Void

  /// A story of its own.
  init(name: String, play: @escaping @Sendable (Simulation) async throws -> Void) {
    self.name = name
    self.play = play
  }

  /// All of them.
  package static let all = [
    firstStart, scaleUp, scaleDown, timeout, drain, blueGreen, rollingUpdate, recreate, changeInMidUpdate, deleteAll,
    orphanAndAdopt, kill, nodeLoss, nodeUnreachable, nodeReturns, nodeStaysAway, nodeDeleted, gameRestarts,
    swinging, scaleDownByWebhook, drainByWebhook,
  ]

  static let firstStart = Scenario(name: "first-start") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  static let scaleUp = Scenario(name: "scale-up") { stage in
    try await stage.create(replicas: 2)
    try await stage.settle()
    try await stage.scale(to: 5)
    try await stage.settle()
    try await stage.expect(servers: 5)
  }

  static let scaleDown = Scenario(name: "scale-down") { try await $0.playScaleDown(held: 2) }

  /// Players who stay longer than the Servers' timeout are thrown out, and not before.
  static let timeout = Scenario(name: "timeout") { stage in
    try await stage.create(replicas: 3) { $0.fleetSpec.spec.timeout = GoDuration(.seconds(90)) }
    try await stage.settle()
    let held = try await stage.play(onFirst: 3)
    try await stage.scale(to: 1)
    try await stage.run(for: .seconds(80))
    try await stage.expectAlive(held)
    try await stage.run(for: .seconds(20))
    try await stage.settle()
    try await stage.expect(servers: 1)
  }

  static let drain = Scenario(name: "drain") { stage in
    try await stage.create(replicas: 3) { $0.fleetSpec.scaling.scaleDown = .drain }
    try await stage.settle()
    let held = try await stage.play(onFirst: 3)
    try await stage.scale(to: 1)
    try await stage.settle()
    try await stage.expectAlive(held)
    try await stage.scale(to: 3)
    try await stage.settle()
    try await stage.expectAlive(held)
    try await stage.expect(servers: 3)
  }

  static let blueGreen = Scenario(name: "blue-green") { try await $0.playUpdate(.blueGreen) }
  static let rollingUpdate = Scenario(name: "rolling-update") { try await $0.playUpdate(.rollingUpdate) }
  static let recreate = Scenario(name: "recreate") { try await $0.playUpdate(.recreate) }

  static let changeInMidUpdate = Scenario(name: "change-in-mid-update") { stage in
    try await stage.create(replicas: 2)
    try await stage.settle()
    try await stage.change(image: "game:2")
    try await stage.run(events: 8)
    try await stage.change(image: "game:3")
    try await stage.settle()
    try await stage.expect(servers: 2, image: "game:3")
  }

  static let deleteAll = Scenario(name: "delete-all") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    let held = try await stage.play(onFirst: 1)
    try await stage.delete()
    try await stage.settle()
    try await stage.expectAlive(held)
    stage.game.end()
    try await stage.settle()
    try await stage.expectNothing()
  }

  /// Owners are deleted while their children stay, and what is made anew takes them in.
  static let orphanAndAdopt = Scenario(name: "orphan-and-adopt") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    let before = try await stage.servers()
    let held = try await stage.play(onFirst: 2)
    let client = stage.cluster.outside
    try await stage.orphan(try await client.get(GameType.self, Simulation.key), children: Fleet.self)
    try await stage.settle()
    try await stage.expectAlive(held)
    for fleet in try await client.list(Fleet.self, namespace: Simulation.key.namespace).items {
      try await stage.orphan(fleet, children: Server.self)
    }
    try await stage.settle()
    try await stage.expectAlive(held)
    try await stage.expectNoOwners()
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.expectAlive(held)
    try await stage.expect(servers: 3)
    try await stage.expectKept(before)
  }

  /// One Server goes at once, another as soon as it may, and both are replaced.
  static let kill = Scenario(name: "kill") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    let held = try await stage.play(onFirst: 3)
    try await stage.set(.kill, on: held[0])
    try await stage.set(.waitToBeDeleted, on: held[1])
    try await stage.settle()
    try await stage.expectGone(held[0])
    try await stage.expectAlive(Array(held.dropFirst()))
    try await stage.expect(ready: 3)
    stage.game.end()
    try await stage.allowDeletion(of: held[1])
    try await stage.settle()
    try await stage.expectGone(held[1])
    try await stage.expect(servers: 3)
  }

  static let nodeLoss = Scenario(name: "node-loss") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.node.lose()
    stage.noteWish()
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  static let nodeUnreachable = Scenario(name: "node-unreachable") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.node.disconnect()
    stage.noteWish()
    try await stage.settle()
    // They are replaced though their Pods never go.
    try await stage.expect(ready: 3)
    try await stage.node.giveUp()
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  /// A node is away for longer than its Servers are waited for, and returns with their games running.
  static let nodeReturns = Scenario(name: "node-returns") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    let held = try await stage.play(onFirst: 2)
    try await stage.node.leave()
    stage.noteWish()
    try await stage.run(for: .seconds(50))
    try await stage.expect(ready: 0)
    try await stage.expectCount(3)
    try await stage.settle()
    try await stage.expectAlive(held)
    try await stage.expect(ready: 3)
    try await stage.expectCount(6)
    try await stage.node.comeBack()
    stage.noteWish()
    try await stage.settle()
    // Those with players serve on, and the surplus goes: empty ones first.
    try await stage.expectAlive(held)
    try await stage.expect(ready: 3)
    stage.game.end()
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  /// A node never returns: past their timeout its Servers are removed.
  static let nodeStaysAway = Scenario(name: "node-stays-away") { stage in
    try await stage.create(replicas: 3) { $0.fleetSpec.spec.timeout = GoDuration(.seconds(120)) }
    try await stage.settle()
    let held = try await stage.play(onFirst: 2)
    try await stage.node.leave()
    stage.noteWish()
    try await stage.run(for: .seconds(110))
    try await stage.expect(ready: 3)
    try await stage.expectAlive(held)
    stage.game.end()
    try await stage.run(for: .seconds(20))
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  /// A node is lost and given up: its Servers are removed at once.
  static let nodeDeleted = Scenario(name: "node-deleted") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.node.leave()
    stage.noteWish()
    try await stage.run(for: .seconds(20))
    try await stage.node.delete()
    stage.noteWish()
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  /// A game that has said that it may go ends, and the next one in its Pod has said nothing yet.
  static let gameRestarts = Scenario(name: "game-restarts") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    let held = try await stage.play(onFirst: 2)
    stage.game.play(0, on: held[0].name)
    try await stage.allowDeletion(of: held[0])
    try await stage.settle()
    try await stage.node.restartGame(of: held[0], players: 4)
    try await stage.scale(to: 0)
    try await stage.settle()
    try await stage.expectAlive(held)
    stage.game.end()
    try await stage.settle()
    try await stage.allowDeletion(of: held[0])
    try await stage.settle()
    try await stage.expect(servers: 0)
  }

  /// The autoscaler's webhook swings faster than Servers start, and the window keeps back what it can.
  static let swinging = Scenario(name: "swinging") { stage in
    stage.webhooks.ask(for: 1)
    try await stage.create(replicas: 1)
    try await stage.createAutoscaler()
    try await stage.settle()
    let held = try await stage.play(onFirst: 1)
    for replicas: Int64 in [4, 1, 3, 0, 5, 2] {
      stage.webhooks.ask(for: replicas)
      stage.noteWish()
      try await stage.run(for: .seconds(7))
    }
    try await stage.settle()
    try await stage.expectAlive(held)
    stage.game.end()
    try await stage.settle()
    try await stage.expect(servers: 2)
    try await stage.expectAutoscaler(replicas: 2)
  }

  /// A webhook that the controller asks refuses some of the victims.
  static let scaleDownByWebhook = Scenario(name: "scale-down-by-webhook") { stage in
    try await stage.createWebhooks()
    try await stage.playScaleDown(held: 3) { $0.askWebhooks() }
  }

  /// A yes of the webhook's counts only until the Server is taken back into service.
  static let drainByWebhook = Scenario(name: "drain-by-webhook") { stage in
    try await stage.createWebhooks()
    try await stage.create(replicas: 3) {
      $0.askWebhooks()
      $0.fleetSpec.scaling.scaleDown = .drain
    }
    try await stage.settle()
    let held = try await stage.play(onFirst: 3)
    try await stage.scale(to: 1)
    try await stage.settle()
    try await stage.expectAlive(held)
    stage.game.end()
    try await stage.run(for: .seconds(3))
    try await stage.scale(to: 3)
    try await stage.settle()
    let next = try await stage.play(onFirst: 3)
    try await stage.scale(to: 2)
    try await stage.settle()
    try await stage.expectAlive(next)
    stage.game.end()
    try await stage.settle()
    try await stage.expect(servers: 2)
  }
}
