import HTTPTransport
import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// Writes while a webhook takes its time.
struct AdmissionConcurrencyTests {
  private static let maps = EmbeddedAPIServer.configMaps

  @Test func aSlowWebhookHoldsUpNobodyElse() async throws {
    let (asked, answers) = (Gate(), Gate())
    let transport = StudioWebhooks.transport { _, _ in
      asked.open()
      await answers.wait()
      return [:]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.createWidget("w")
    try await server.validate(
      by: StudioWebhooks.webhook("a", ["objectSelector": ["matchLabels": ["slow": "yes"]]]))
    try await withThrowingTaskGroup(of: Int.self) { group in
      // More than there are threads.
      for index in 0..<32 {
        group.addTask {
          try await server.send(
            .post, Self.maps, ["metadata": ["name": .string("slow-\(index)"), "labels": ["slow": "yes"]]]
          ).status
        }
      }
      await asked.wait()
      for index in 0..<10 {
        #expect(try await server.send(.post, Self.maps, ["metadata": ["name": .string("m\(index)")]]).status == 201)
        let patch: JSONValue = ["spec": ["owner": .string("o\(index)")]]
        #expect(try await server.merge("\(EmbeddedAPIServer.widgets)/w", patch).status == 200)
      }
      #expect(try await server.send(.get, "\(Self.maps)/slow-0").status == 404)
      answers.open()
      for try await status in group { #expect(status == 201) }
    }
  }

  /// Starts a write, lets another one through while the webhook is asked about the first, and gives the first's answer.
  private func race(
    _ server: EmbeddedAPIServer, _ asked: Gate, _ answers: Gate,
    first: @escaping @Sendable () async throws -> Answer, then second: () async throws -> Answer
  ) async throws -> Answer {
    try await withThrowingTaskGroup(of: Answer.self) { group in
      group.addTask { try await first() }
      await asked.wait()
      let other = try await second()
      #expect(other.status < 300, "\(other.text)")
      answers.open()
      return try #require(try await group.next())
    }
  }

  /// A webhook that takes its time over what carries `slow`.
  private func slow(_ asked: Gate, _ answers: Gate) -> ScriptedTransport {
    StudioWebhooks.transport { _, question in
      let data = question["object"]?["data"] ?? question["oldObject"]?["data"]
      guard data?["slow"] != nil, question["operation"] != "CREATE" else { return [:] }
      asked.open()
      await answers.wait()
      return [:]
    }
  }

  @Test func aPatchIsMadeAnewAfterAnother() async throws {
    let (asked, answers) = (Gate(), Gate())
    let transport = self.slow(asked, answers)
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.createConfigMap("m")
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let answer = try await self.race(server, asked, answers) {
      try await server.merge("\(Self.maps)/m", ["data": ["slow": "1"]])
    } then: {
      try await server.merge("\(Self.maps)/m", ["data": ["fast": "1"]])
    }
    #expect(answer.status == 200)
    #expect(answer.json["data"] == ["slow": "1", "fast": "1"])
    // The webhook has agreed to what is stored, not to something older.
    #expect(transport.questions.last?["object"]?["data"] == ["slow": "1", "fast": "1"])
    #expect(transport.questions.count == 3)
  }

  @Test func anUpdateOfAnOldVersionConflicts() async throws {
    let (asked, answers) = (Gate(), Gate())
    let server = try await EmbeddedAPIServer.asking(self.slow(asked, answers))
    defer { server.close() }
    let map = try await server.createConfigMap("m")
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let answer = try await self.race(server, asked, answers) {
      try await server.send(.put, "\(Self.maps)/m", map.applying(mergePatch: ["data": ["slow": "1"]]))
    } then: {
      try await server.merge("\(Self.maps)/m", ["data": ["fast": "1"]])
    }
    #expect(answer.status == 409)
    #expect(try await server.send(.get, "\(Self.maps)/m").json["data"] == ["fast": "1"])
  }

  @Test func anObjectThatIsGoneMeanwhileIsNotUpdated() async throws {
    let (asked, answers) = (Gate(), Gate())
    let server = try await EmbeddedAPIServer.asking(self.slow(asked, answers))
    defer { server.close() }
    try await server.createConfigMap("m")
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let answer = try await self.race(server, asked, answers) {
      try await server.merge("\(Self.maps)/m", ["data": ["slow": "1"]])
    } then: {
      try await server.send(.delete, "\(Self.maps)/m")
    }
    #expect(answer.status == 404)
    #expect(try await server.send(.get, "\(Self.maps)/m").status == 404)
  }

  @Test func aDeletionKeepsItsPreconditions() async throws {
    let (asked, answers) = (Gate(), Gate())
    let server = try await EmbeddedAPIServer.asking(self.slow(asked, answers))
    defer { server.close() }
    let map = try await server.createConfigMap("m")
    let slow = try await server.merge("\(Self.maps)/m", ["data": ["slow": "1"]]).json
    try await server.validate(
      by: StudioWebhooks.webhook(
        "a",
        [
          "rules": [
            ["operations": ["DELETE"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]]
          ]
        ]))
    let answer = try await self.race(server, asked, answers) {
      try await server.send(
        .delete, "\(Self.maps)/m",
        [
          "preconditions": [
            "uid": map["metadata"]?["uid"] ?? nil, "resourceVersion": slow["metadata"]?["resourceVersion"] ?? nil,
          ]
        ])
    } then: {
      try await server.merge("\(Self.maps)/m", ["data": ["fast": "1"]])
    }
    #expect(answer.status == 409)
    #expect(try await server.send(.get, "\(Self.maps)/m").status == 200)
  }

  @Test func ofTwoCreationsThatAreAskedAboutAtOnceOneWins() async throws {
    let (asked, answers) = (Gate(), Gate())
    let transport = StudioWebhooks.transport { _, question in
      guard question["object"]?["data"]?["slow"] != nil else { return [:] }
      asked.open()
      await answers.wait()
      return [:]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let answer = try await self.race(server, asked, answers) {
      try await server.send(.post, Self.maps, ["metadata": ["name": "m"], "data": ["slow": "1"]])
    } then: {
      try await server.send(.post, Self.maps, ["metadata": ["name": "m"], "data": ["fast": "1"]])
    }
    #expect(answer.status == 409)
    #expect(try await server.send(.get, "\(Self.maps)/m").json["data"] == ["fast": "1"])
  }

  @Test(arguments: [false, true])
  func aRequestThatIsBrokenOffWritesNothing(breaksConnection: Bool) async throws {
    let asked = Gate()
    let transport = StudioWebhooks.transport { _, _ in
      asked.open()
      do {
        // Ends with the request.
        try await Task.sleep(for: .seconds(3600))
      } catch  where breaksConnection {
        throw TransportError(.connectionBroken, "gone")
      }
      return [:]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    // Even where its failure would be passed over.
    try await server.validate(by: StudioWebhooks.webhook("a", ["failurePolicy": "Ignore"]))
    let revision = server.revision
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await #expect(throws: CancellationError.self) {
          try await server.send(.post, Self.maps, ["metadata": ["name": "m"]])
        }
      }
      await asked.wait()
      group.cancelAll()
    }
    #expect(server.revision == revision)
  }

  @Test func configurationsAreKnownAgainAfterARestart() async throws {
    try await withFolder { folder in
      let refusing = StudioWebhooks.transport { _, _ in ["allowed": false] }
      func open() async throws -> EmbeddedAPIServer {
        try await EmbeddedAPIServer.inMemory {
          $0.storage = .directory(folder)
          $0.webhookTransport = refusing
        }
      }
      let first = try await open()
      try await first.validate(by: StudioWebhooks.webhook("a"))
      first.close()
      let second = try await open()
      defer { second.close() }
      #expect(try await second.send(.post, Self.maps, ["metadata": ["name": "m"]]).status == 400)
    }
  }
}
