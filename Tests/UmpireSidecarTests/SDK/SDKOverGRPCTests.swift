import CarrierSDK
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import Logging
import MetricsTestKit
import ServerSupport
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import UmpireSidecar

@Suite(.timeLimit(.minutes(2)))
struct SDKOverGRPCTests {
  @Test func aClientReadsItsServer() async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        let state = try await client.get()
        #expect(state == Carrier_Dev_Sdk_GameServer(.arena))
      }
    }
  }

  @Test func anUnreadServerIsUnavailableAndAWatcherWaitsForIt() async throws {
    try await RunningSDK.run(StubServer(nil)) { sdk in
      try await sdk.withGRPC { client in
        let error = await #expect(throws: RPCError.self) { try await client.get() }
        #expect(error?.code == .unavailable)
        #expect(error?.message == "the Server has not been read from the API server yet")
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await client.watch { $0.objectMeta.name == "arena-1" } }
          try await eventually("the watch is open") { sdk.service.watchers == 1 }
          sdk.server.change { _ in }
          try await group.waitForAll()
        }
      }
    }
  }

  @Test func aWatcherIsToldThePresentStateAndThenEachChange() async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        let states = Mutex<[String]>([])
        try await client.watch { state in
          let count = states.withLock { states in
            states.append(state.status.state)
            return states.count
          }
          if count == 1 { sdk.server.change { $0.status?.state = .draining } }
          if count == 2 { sdk.server.change { $0.status?.state = .exited } }
          return count == 3
        }
        #expect(states.withLock { $0 } == ["Ready", "Draining", "Exited"])
      }
    }
  }

  @Test func nothingIsLeftOfAWatcherThatHasGoneThoughTheServerStaysAsItIs() async throws {
    try await RunningSDK.run { sdk in
      // One that cancels its call, and one whose connection ends with it.
      try await sdk.withGRPC { client in
        try await client.watch { _ in
          #expect(sdk.service.watchers == 1)
          let measured = try sdk.measuredWatchers
          #expect(measured == 1)
          return true
        }
        try await eventually("the first watcher is gone") { sdk.service.watchers == 0 }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await sdk.withGRPC { try await $0.watch { _ in false } } }
        try await eventually("the second watches") { sdk.service.watchers == 1 }
        group.cancelAll()
        try await eventually("the second watcher is gone") { sdk.service.watchers == 0 }
      }
      #expect(try sdk.measuredWatchers == 0)
      // The feed follows the Server once, however many watch it.
      #expect(sdk.server.readers == 1)
    }
  }

  @Test func aChangeIsAnsweredOnceItIsStored() async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        sdk.server.hold(true)
        let isAnswered = Mutex(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { @Sendable in
            try await client.set(.label, "mode", "ranked")
            isAnswered.withLock { $0 = true }
          }
          // Other calls go on meanwhile.
          for _ in 0..<20 { _ = try await client.get() }
          #expect(!isAnswered.withLock { $0 })
          #expect(sdk.server.stored.isEmpty)
          sdk.server.hold(false)
          try await group.waitForAll()
        }
        try await client.set(.annotation, "carrier.ocgi.dev/sdk-note", "two words")
        try await client.set(.condition, "MapLoaded", "False")
        #expect(
          sdk.server.stored == [
            .label(key: "umpire.dev/sdk-mode", value: "ranked"),
            .annotation(key: "umpire.dev/sdk-note", value: "two words"),
            .condition(type: "MapLoaded", isTrue: false, reason: "SetByGameServer"),
          ])
        #expect(try await client.get().objectMeta.labels["umpire.dev/sdk-mode"] == "ranked")
      }
    }
  }

  @Test(arguments: [
    (SidecarError.Code.notStored, RPCError.Code.unavailable), (.stopping, .unavailable),
    (.overloaded, .resourceExhausted), (.gone, .notFound), (.refused, .failedPrecondition), (.withdrawn, .cancelled),
  ])
  func aChangeThatIsNotStoredIsAnsweredWithWhy(code: SidecarError.Code, told: RPCError.Code) async throws {
    try await RunningSDK.run { sdk in
      sdk.server.fail(with: SidecarError(code, "because"))
      try await sdk.withGRPC { client in
        let error = await #expect(throws: RPCError.self) { try await client.set(.label, "a", "b") }
        #expect(error?.code == told)
        #expect(error?.message == "because")
      }
    }
  }

  @Test func whatIsRefusedReachesNobody() async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        let invalid = await #expect(throws: RPCError.self) { try await client.set(.label, "a", "no spaces") }
        #expect(invalid?.code == .invalidArgument)
        let denied = await #expect(throws: RPCError.self) { try await client.set(.condition, "Ready", "True") }
        #expect(denied?.code == .permissionDenied)
        let large = await #expect(throws: RPCError.self) {
          try await client.set(.annotation, "a", String(repeating: "x", count: 65 << 10))
        }
        #expect(large?.code == .resourceExhausted)
        #expect(sdk.server.stored.isEmpty)
        let label = [("call", "label"), ("outcome", "refused")]
        #expect(try sdk.metrics.expectCounter("umpire_sidecar_sdk_calls_total", label).totalValue == 1)
        // The connection is still good.
        _ = try await client.get()
      }
    }
  }

  @Test func aChangeIsWithdrawnWhenItsDeadlinePassesOrItsClientLeaves() async throws {
    try await RunningSDK.run { sdk in
      sdk.server.hold(true)
      try await sdk.withGRPC { client in
        // A deadline that passes before the call has come through withdraws nothing.
        try await eventually("one is withdrawn") {
          let error = await #expect(throws: RPCError.self) {
            try await client.set(.label, "a", "b", timeout: .milliseconds(100))
          }
          #expect(error?.code == .deadlineExceeded)
          return sdk.server.withdrawn > 0
        }
        try await eventually("none waits; \(sdk.server.waiting) do") { sdk.server.waiting == 0 }
        let first = sdk.server.withdrawn
        await withTaskGroup(of: Void.self) { group in
          group.addTask { try? await client.set(.label, "a", "b") }  // It is cancelled.
          try? await eventually("it waits") { sdk.server.waiting == 1 }  // What follows would fail.
          group.cancelAll()
        }
        try await eventually("the second is withdrawn") { sdk.server.withdrawn == first + 1 }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await sdk.withGRPC { try await $0.set(.condition, "A", "True") } }
        try await eventually("the third waits") { sdk.server.waiting == 1 }
        group.cancelAll()
        try await eventually("the third is withdrawn") { sdk.server.waiting == 0 }
      }
      sdk.server.hold(false)
      #expect(sdk.server.stored.isEmpty)
    }
  }

  @Test(arguments: ["100m", "00000100m"])
  func aWatchEndsWhenItsDeadlinePasses(deadline: String) async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        let seen = Mutex(0)
        let code = await Self.code {
          try await client.watch(metadata: ["grpc-timeout": .string(deadline)]) { _ in
            seen.withLock { $0 += 1 }
            return false
          }
        }
        #expect(code == .deadlineExceeded)
        #expect(seen.withLock { $0 } == 1)
      }
      try await eventually("nobody watches") { sdk.service.watchers == 0 }
    }
  }

  @Test func aStopEndsWatchesAndChangesWithTheReason() async throws {
    try await RunningSDK.run { sdk in
      sdk.server.hold(true)
      try await sdk.withGRPC { client in
        try await withThrowingTaskGroup(of: RPCError.Code?.self) { group in
          group.addTask { await Self.code { try await client.watch { _ in false } } }
          group.addTask { await Self.code { try await client.set(.label, "a", "b") } }
          try await eventually("both are under way") { sdk.service.watchers == 1 && sdk.server.waiting == 1 }
          await sdk.stop()
          for try await code in group { #expect(code == .unavailable) }
        }
      }
      #expect(sdk.service.watchers == 0)
    }
  }

  /// Which of its parts hears of a stop first is chance.
  @Test func aStopIsTheReasonThoughTheFeedGoesOn() async throws {
    let server = StubServer()
    let metrics = SDKMetrics(factory: TestMetrics())
    let feed = StateFeed(server: server, maximum: 10, metrics: metrics, logger: .silent)
    let (ports, told) = AsyncStream.makeStream(of: Int.self)
    let listener = GRPCListener(
      calls: SDKCalls(server: server, feed: feed, maximum: 10, metrics: metrics), host: "127.0.0.1", port: 0,
      limits: SDKLimits(), logger: .silent
    ) { told.yield($1) }
    let group = ServiceGroup(configuration: .init(services: [.init(service: listener)], logger: .silent))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await feed.run() }
      tasks.addTask { try await group.run() }
      defer { tasks.cancelAll() }
      let port = try #require(await ports.first { _ in true })
      server.hold(true)
      try await withGRPCClient(
        transport: try HTTP2ClientTransport.Posix(
          target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
      ) { client in
        let client = SDKClient(client: client)
        try await withThrowingTaskGroup(of: RPCError.Code?.self) { calls in
          calls.addTask { await Self.code { try await client.watch { _ in false } } }
          calls.addTask { await Self.code { try await client.set(.label, "a", "b") } }
          try await eventually("both are under way") { feed.count == 1 && server.waiting == 1 }
          await group.triggerGracefulShutdown()
          for try await code in calls { #expect(code == .unavailable) }
        }
      }
    }
  }

  @Test func theEndOfTheServersStoryEndsTheWatches() async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        let code = await Self.code {
          try await client.watch { _ in
            sdk.server.end()
            return false
          }
        }
        #expect(code == .unavailable)
        let next = await Self.code { try await client.watch { _ in false } }
        #expect(next == .unavailable)
      }
    }
  }

  @Test func aClientThatNeverLeavesDoesNotHoldUpTheStop() async throws {
    let started = Mutex(ContinuousClock.now)
    let silent = Mutex<[SocketClient]>([])
    try await RunningSDK.run { sdk in
      for _ in 0..<4 {
        let socket = try await SocketClient(port: sdk.grpcPort)
        try await socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0")
        silent.withLock { $0.append(socket) }
      }
      _ = try await sdk.withGRPC { try await $0.get() }
      started.withLock { $0 = .now }
    }
    // The limits give 1.5 seconds; a machine that is busy gets many more.
    #expect(started.withLock { $0 }.duration(to: .now) < .seconds(20))
    #expect(silent.withLock { $0.count } == 4)
  }

  @Test func aThousandWatchOnOneConnectionWhileOthersCall() async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        let seen = Mutex(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<1_000 {
            group.addTask { @Sendable in
              try await client.watch { state in
                guard state.objectMeta.labels["umpire.dev/sdk-mode"] == "ranked" else { return false }
                seen.withLock { $0 += 1 }
                return true
              }
            }
          }
          try await eventually("all watch", within: .seconds(60)) { sdk.service.watchers == 1_000 }
          #expect(try sdk.measuredWatchers == 1_000)
          #expect(sdk.server.readers == 1)
          try await client.set(.label, "mode", "ranked")
          try await group.waitForAll()
        }
        #expect(seen.withLock { $0 } == 1_000)
        try await eventually("all are gone", within: .seconds(60)) { sdk.service.watchers == 0 }
      }
    }
  }

  @Test func oneTooManyIsTurnedAway() async throws {
    var limits = SDKLimits()
    limits.watchers = 1
    limits.calls = 2
    try await RunningSDK.run(limits: limits) { sdk in
      sdk.server.hold(true)
      try await sdk.withGRPC { client in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try? await client.watch { _ in false } }  // It is cancelled in the end.
          try await eventually("one watches") { sdk.service.watchers == 1 }
          #expect(await Self.code { try await client.watch { _ in false } } == .resourceExhausted)
          group.addTask {
            // The one that was turned away may be counted a moment longer. It is cancelled in the end.
            while !Task.isCancelled { try? await client.set(.label, "a", "b") }
          }
          try await eventually("no call more is taken") {
            await Self.code { _ = try await client.get() } == .resourceExhausted
          }
          group.cancelAll()
        }
        sdk.server.hold(false)
        try await eventually("there is room again") { try await client.get().objectMeta.name == "arena-1" }
      }
    }
  }

  @Test func connectionsBeyondTheLimitAreClosedAndLaterOnesServed() async throws {
    var limits = SDKLimits()
    limits.connections = 2
    try await RunningSDK.run(limits: limits) { sdk in
      let first = try await SocketClient(port: sdk.grpcPort)
      let second = try await SocketClient(port: sdk.grpcPort)
      // Each is told the server's settings at once.
      _ = try await first.receive(until: "\0")
      _ = try await second.receive(until: "\0")
      for _ in 0..<4 { _ = try await SocketClient(port: sdk.grpcPort).receiveAll() }
      first.close()
      second.close()
      try await eventually("there is room again") {
        try await sdk.withGRPC { try await $0.get(timeout: .seconds(5)).objectMeta.name == "arena-1" }
      }
    }
  }

  @Test func rubbishHarmsNobodyElse() async throws {
    try await RunningSDK.run { sdk in
      try await sdk.withGRPC { client in
        for index in 0..<200 {
          let socket = try await SocketClient(port: sdk.grpcPort)
          switch index % 4 {
          case 0: try await socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          case 1: try await socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + String(repeating: "\u{7f}", count: 4_096))
          case 2: try await socket.send("PRI * HTTP/2")
          default: ()
          }
          socket.close()
        }
        #expect(try await client.get().objectMeta.name == "arena-1")
      }
      _ = try await sdk.withGRPC { try await $0.get() }
    }
  }

  @Test(arguments: SDKService.Interface.allCases)
  func aPortThatIsTakenIsNamed(interface: SDKService.Interface) async throws {
    try await RunningSDK.run { sdk in
      let service = SDKService(
        server: StubServer(), hosts: ["127.0.0.1"], grpcPort: interface == .grpc ? sdk.grpcPort : 0,
        httpPort: interface == .http ? sdk.httpPort : 0, logger: .silent)
      let error = await #expect(throws: ListenError.self) { try await service.run() }
      #expect(error?.code == .addressInUse)
      #expect(error?.message == "127.0.0.1:\(interface == .grpc ? sdk.grpcPort : sdk.httpPort) is already in use")
    }
  }

  @Test(arguments: ["game.example", "192.0.2.1"])
  func aHostThatIsNotOursIsNamed(host: String) async throws {
    let service = SDKService(server: StubServer(), hosts: [host], grpcPort: 0, httpPort: 0, logger: .silent)
    let error = await #expect(throws: ListenError.self) { try await service.run() }
    #expect(error?.code == .addressNotAvailable)
    #expect(error?.message.contains(host) == true)
  }

  private static func code(_ operation: () async throws -> Void) async -> RPCError.Code? {
    do {
      try await operation()
      return nil
    } catch {
      return (error as? RPCError)?.code
    }
  }
}
