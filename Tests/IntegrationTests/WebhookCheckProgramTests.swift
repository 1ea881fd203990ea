import CurlTransport
import FoundationEssentials
import HTTPTypes
import TestSupport
import Testing

/// `umpire webhook check` as a studio runs it, in a shell or in its continuous integration.
@Suite(.timeLimit(.minutes(3))) struct WebhookCheckProgramTests {
  private static let secret = "whsec_" + String(repeating: "A", count: 32)

  private func withReferenceServer(
    _ arguments: [String] = [], _ body: (_ base: String, _ folder: String) async throws -> Void
  ) async throws {
    try await withFolder { folder in
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let address = Loopback.address()
      let calls = HTTPCalls(transport: transport, authority: "\(address):8000")
      try await Program.run("umpire-webhook", ["--host", address] + arguments, in: folder) { _ in
        try await eventually("it answers") { try await calls.send(.get, "/healthz").status == 200 }
        try await body("http://\(address):8000", folder)
      }
    }
  }

  private func check(
    _ arguments: [String], environment: [String: String] = [:], in folder: String
  ) async throws -> (status: ProgramEnd, output: String) {
    try await Program.finish("umpire", ["webhook", "check"] + arguments, environment: environment, in: folder)
  }

  @Test func theReferenceServerPasses() async throws {
    try await self.withReferenceServer { base, folder in
      let junit = "\(folder)/result.xml"
      let (status, output) = try await self.check(["\(base)/scale", "--junit", junit], in: folder)
      #expect(status == .exited(0), "\(output)")
      #expect(output.contains("\nScalingWebhook\n  ok      required  answers 200"), "\(output)")
      #expect(output.contains("ReadinessWebhook is not served: status 400"))
      #expect(output.contains("\npassed: ") && output.contains(" 0 required failed, 0 with advice, 4 not looked at"))
      let xml = String(decoding: try Data(contentsOf: URL(filePath: junit)), as: UTF8.self)
      #expect(xml.hasPrefix("<?xml") && xml.contains(#"failures="0""#))
      // The path is not for this type, and it was named.
      let named = try await self.check(["\(base)/scale", "--type", "readiness"], in: folder)
      #expect(named.status == .exited(1))
      #expect(named.output.contains("FAILED  required  answers 200") && named.output.contains("do:   answer 200"))
    }
  }

  @Test func signaturesAreCheckedWithTheSecret() async throws {
    try await withFolder { folder in
      let file = "\(folder)/secret"
      try Data("\(Self.secret)\n".utf8).write(to: URL(filePath: file))
      try await self.withReferenceServer(["--signing-secret-file", file]) { base, folder in
        for (arguments, environment) in [
          (["--secret", "@\(file)"], [:]), ([], ["UMPIRE_WEBHOOK_SIGNING_SECRET": Self.secret]),
        ] as [([String], [String: String])] {
          let (status, output) = try await self.check(
            ["\(base)/ready"] + arguments, environment: environment, in: folder)
          #expect(status == .exited(0), "\(output)")
          #expect(output.contains("ok      required  refuses a message that came before"))
          #expect(output.contains(" 0 not looked at"))
          #expect(!output.contains(Self.secret))
        }
        let (status, output) = try await self.check(["\(base)/ready"], in: folder)
        #expect(status == .exited(1) && output.contains("--secret"), "\(output)")
        let load = try await self.check(
          ["\(base)/ready", "--load", "300", "--parallel", "8", "--secret", Self.secret], in: folder)
        #expect(load.status == .exited(0), "\(load.output)")
        #expect(load.output.contains("300 ReadinessWebhook, 8 in flight, 0 failed"))
        #expect(load.output.contains("reviews a second") && load.output.contains("µs a review"))
      }
    }
  }

  @Test func certificatesAreShownAndChecked() async throws {
    try await withFolder { folder in
      try await SecuredWebhook.run(in: folder) { webhook in
        let url = "https://\(webhook.authority)/ready"
        let secret = ["--secret", SecuredWebhook.secrets[0]]
        let certificate = ["--cert", "\(folder)/tls.crt", "--key", "\(folder)/tls.key"]
        let right = try await self.check([url, "--ca", "\(folder)/ca.pem"] + secret + certificate, in: folder)
        #expect(right.status == .exited(0), "\(right.output)")
        #expect(right.output.contains(" 0 required failed") && right.output.contains("ok      advice    keeps"))
        let load = try await self.check(
          [url, "--load", "200", "--parallel", "8", "--ca", "\(folder)/ca.pem"] + secret + certificate, in: folder)
        #expect(load.status == .exited(0) && load.output.contains("200 ReadinessWebhook, 8 in flight, 0 failed"))
        // Its authority is not one that the system knows.
        let stranger = try await self.check([url] + secret + certificate, in: folder)
        #expect(stranger.status == .exited(1) && stranger.output.contains("got:  TLS: "), "\(stranger.output)")
        // It lets nobody in without a certificate.
        let bare = try await self.check([url, "--ca", "\(folder)/ca.pem"] + secret, in: folder)
        #expect(bare.status == .exited(1) && bare.output.contains("got:  "), "\(bare.output)")
      }
    }
  }

  @Test func nobodyThereIsAFailure() async throws {
    try await withFolder { folder in
      let junit = "\(folder)/result.xml"
      let (status, output) = try await self.check(
        ["http://\(Loopback.address()):8000/a?b&c", "--junit", junit, "--timeout", "5"], in: folder)
      #expect(status == .exited(1))
      #expect(output.contains("got:  Connect: ") && output.contains("start the endpoint"), "\(output)")
      let xml = String(decoding: try Data(contentsOf: URL(filePath: junit)), as: UTF8.self)
      #expect(xml.contains("/a?b&amp;c ScalingWebhook") && xml.contains("<failure message=\"Connect: "))
    }
  }

  @Test(
    arguments: [
      (["ftp://x/"], 64, "neither http nor https"), (["studio.test"], 64, "no scheme"), ([], 64, "url"),
      (["http://user:word@x/"], 64, "user name"), (["http://x/", "--type", "Other"], 64, "'--type <type>'"),
      (["http://x/", "--timeout", "31"], 64, "--timeout must be from 1 to 30"),
      (["http://x/", "--parallel", "4"], 64, "--parallel goes with --load"),
      (["http://x/", "--load", "1000001"], 64, "--load must be from 1 to 1000000"),
      (["http://x/", "--dialect", "ScaleReview", "--type", "readiness"], 64, "is for scaling only"),
      (["http://x/", "--cert", "x"], 64, "go together"), (["http://x/", "--secret", "word"], 65, "begins with whsec_"),
      (["http://x/", "--secret", "@/nowhere/secret"], 66, "/nowhere/secret: there is no such file"),
      (["https://x/", "--ca", "/proc/self/status"], 65, "caBundle cannot be read"),
    ] as [([String], Int32, String)])
  func wrongUsageIsExplained(arguments: [String], code: Int32, message: String) async throws {
    try await withFolder { folder in
      let (status, output) = try await self.check(arguments, in: folder)
      #expect(status == .exited(code), "\(output)")
      #expect(output.contains(message), "\(output)")
    }
  }

  @Test func helpExplainsEachCheck() async throws {
    try await withFolder { folder in
      let (status, output) = try await self.check(["--help"], in: folder)
      #expect(status == .exited(0))
      for text in ["required  answers 200", "advice    keeps connections open", "refuses a stale signature", "--junit"]
      {
        #expect(output.contains(text), "\(text)")
      }
    }
  }
}
