import FoundationEssentials
import TestSupport
import Testing

@testable import ProcessNode

/// Runs real processes.
struct ContainerProcessTests {
  /// Runs a shell script as a container; `body` gets the process while it runs.
  private func run(
    _ script: String, log path: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"],
    whileRunning body: @escaping @Sendable (ContainerProcess) async throws -> Void = { _ in }
  ) async throws -> ContainerExit {
    let launch = ContainerLaunch(program: "sh", arguments: ["-c", script], environment: environment)
    let log = try ContainerLog(path: path, limit: 1 << 20)
    let (processes, started) = AsyncStream<ContainerProcess>.makeStream()
    return try await withThrowingTaskGroup(of: ContainerExit?.self) { group in
      group.addTask {
        defer { started.finish() }
        return try await ContainerProcess.run(launch, log: log, shutdownGrace: .milliseconds(200)) {
          started.yield($0)
        }
      }
      group.addTask {
        for await process in processes { try await body(process) }
        return nil
      }
      var exit: ContainerExit?
      for try await result in group { exit = result ?? exit }
      return try #require(exit)
    }
  }

  @Test func outputAndErrorsGoToTheLogAndTheExitCodeComesBack() async throws {
    try await withTemporaryFolder { folder in
      let exit = try await self.run("echo out; echo err >&2; exit 3", log: "\(folder)/log")
      #expect(exit == .exited(3))
      #expect(written("\(folder)/log") == "out\nerr\n")
    }
  }

  @Test func theEnvironmentIsExactlyWhatWasGiven() async throws {
    try await withTemporaryFolder { folder in
      _ = try await self.run("env", log: "\(folder)/log", environment: ["PATH": "/usr/bin:/bin", "A": "b c"])
      let lines = Set(written("\(folder)/log").split(separator: "\n").map(String.init))
      #expect(
        lines.subtracting(["PWD=\(FileManager.default.currentDirectoryPath)", "_=/usr/bin/env", "SHLVL=0", "SHLVL=1"])
          == [
            "PATH=/usr/bin:/bin", "A=b c",
          ])
    }
  }

  @Test func terminationReachesTheWholeGroup() async throws {
    try await withTemporaryFolder { folder in
      let exit = try await self.run("sleep 1000 & echo $!; wait", log: "\(folder)/log") { process in
        let child = try await eventually("the child is there") { Int32(written("\(folder)/log").dropLast()) }
        #expect(isRunning(child))
        process.send(.terminate)
        try await eventually("the child is gone") { !isRunning(child) }
      }
      #expect(exit == .signaled(15))
    }
  }

  @Test func killEndsWhatIgnoresTermination() async throws {
    try await withTemporaryFolder { folder in
      let script = "trap 'echo no' TERM; echo up; while :; do sleep 0.01; done"
      let exit = try await self.run(script, log: "\(folder)/log") { process in
        try await eventually("it is up") { written("\(folder)/log").contains("up") }
        process.send(.terminate)
        try await eventually("it refuses") { written("\(folder)/log").contains("no") }
        process.send(.kill)
      }
      #expect(exit == .signaled(9))
    }
  }

  @Test func whatIsLeftOfTheGroupEndsWithItsLeader() async throws {
    try await withTemporaryFolder { folder in
      let exit = try await self.run("trap '' TERM; sleep 1000 & echo $!", log: "\(folder)/log")
      #expect(exit == .exited(0))
      let child = try #require(Int32(written("\(folder)/log").dropLast()))
      try await eventually("the child is gone") { !isRunning(child) }
    }
  }

  @Test func aProcessThatClosesItsOutputIsStillFollowed() async throws {
    try await withTemporaryFolder { folder in
      let exit = try await self.run("exec >&- 2>&-; sleep 0.2; exit 4", log: "\(folder)/log")
      #expect(exit == .exited(4))
    }
  }

  @Test func cancellationEndsTheProcessAndItsChildren() async throws {
    try await withTemporaryFolder { folder in
      let launch = ContainerLaunch(
        program: "sh", arguments: ["-c", "trap '' TERM; (trap '' TERM; sleep 1000) & echo $!; wait; sleep 1000"],
        environment: ["PATH": "/usr/bin:/bin"])
      let log = try ContainerLog(path: "\(folder)/log", limit: 1 << 20)
      let (leaders, started) = AsyncStream<Int32>.makeStream()
      let child: Int32 = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          // How a cancelled run ends does not matter here.
          _ = try? await ContainerProcess.run(launch, log: log, shutdownGrace: .milliseconds(100)) { process in
            started.yield(process.processIdentifier)
          }
        }
        let child = try await eventually("the child is there") { Int32(written("\(folder)/log").dropLast()) }
        group.cancelAll()
        try await group.waitForAll()
        return child
      }
      started.finish()
      let leader = try #require(await leaders.first { _ in true })
      #expect(!isRunning(leader))
      try await eventually("the child is gone") { !isRunning(child) }
    }
  }

  @Test func programsThatCannotRunAreToldApart() async throws {
    try await withTemporaryFolder { folder in
      let log = try ContainerLog(path: "\(folder)/log", limit: 1 << 20)
      func problem(_ launch: ContainerLaunch) async -> ContainerProblem? {
        do {
          _ = try await ContainerProcess.run(launch, log: log, shutdownGrace: .zero) { _ in }
          return nil
        } catch {
          return error as? ContainerProblem
        }
      }
      #expect(await problem(ContainerLaunch(program: "/does/not/exist"))?.reason == .create)
      #expect(
        await problem(ContainerLaunch(program: "no-such-program", environment: ["PATH": "/bin"]))?.reason == .create)
      #expect(await problem(ContainerLaunch(program: "\(folder)/log"))?.reason == .create)
      #expect(await problem(ContainerLaunch(program: folder))?.reason == .create)
      #expect(await problem(ContainerLaunch(program: "/bin/true", workingDirectory: "/does/not"))?.reason == .create)
    }
  }
}
