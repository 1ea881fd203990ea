import HTTPTransport
import KubernetesClient
import ServerSupport
import Testing
import UmpireSidecar

@Suite struct SidecarConfigurationTests {
  @Test func readsTheEnvironment() throws {
    let standalone = try SidecarConfiguration(environment: [:], kubeconfig: nil, isStandalone: true)
    #expect(standalone.host == ListenHost.everyAddress)
    #expect(standalone.port == 8080)
    #expect(standalone.server == nil)
    #expect(standalone.grpcPort == 9020)
    #expect(standalone.httpPort == 9021)
    #expect(standalone.sdkHosts == ListenHost.loopbackAddresses)
    // The game may reach the SDK by either address; whoever asks the first server takes the one that there is.
    #expect(standalone.servers.count == 1 + 2 * ListenHost.loopbackAddresses.count)
    #expect(standalone.servers.first?.map(\.host) == ListenHost.loopbackAddresses)
    let own = try SidecarConfiguration(
      environment: ["UMPIRE_BIND_ADDRESS": "127.0.4.4", "UMPIRE_SIDECAR_PORT": "9090"], kubeconfig: nil,
      isStandalone: true)
    #expect(own.host == "127.0.4.4")
    #expect(own.port == 9090)
    #expect(own.sdkHosts == ["127.0.4.4"])
    #expect(own.servers.map { $0.map(\.description) } == [["127.0.4.4:9090"], ["127.0.4.4:9020"], ["127.0.4.4:9021"]])
    #expect(own.serviceAddresses == .dns)
    let local = try SidecarConfiguration(
      environment: ["UMPIRE_SERVICE_ADDRESSES": "api"], kubeconfig: nil, isStandalone: true)
    #expect(local.serviceAddresses == .api)
  }

  @Test(arguments: [
    (["SERVER_NAME": "a"], "POD_NAMESPACE is not set"), (["POD_NAMESPACE": "n", "SERVER_NAME": ""], "SERVER_NAME is"),
    (["UMPIRE_SIDECAR_PORT": "http"], "UMPIRE_SIDECAR_PORT must be"),
    (["UMPIRE_SDK_GRPC_PORT": "70000"], "UMPIRE_SDK_GRPC_PORT must be"),
    (["UMPIRE_CONTROLLER_KEYS": "AAAA", "UMPIRE_SERVER_UID": "u"], "UMPIRE_CONTROLLER_KEYS must be"),
    (
      ["UMPIRE_CONTROLLER_KEYS": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"], "UMPIRE_SERVER_UID is not set"
    ),
    (["UMPIRE_SERVICE_ADDRESSES": "guess"], "UMPIRE_SERVICE_ADDRESSES must be"),
    (["POD_NAMESPACE": "n", "SERVER_NAME": "a"], "KUBERNETES_SERVICE_HOST"),
    (["POD_NAMESPACE": "n", "SERVER_NAME": "a", "KUBECONFIG": "/nowhere/config"], "/nowhere/config"),
  ])
  func namesWhatIsMissing(environment: [String: String], name: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try SidecarConfiguration(environment: environment, kubeconfig: nil, isStandalone: false)
    }
    #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
  }

  private func ranges(_ text: String?) throws -> [NetworkRange] {
    var environment: [String: String] = [:]
    environment["UMPIRE_REFUSED_RANGES"] = text
    return try SidecarConfiguration(environment: environment, kubeconfig: nil, isStandalone: true).refusedRanges
  }

  @Test func refusedRangesAreRead() throws {
    #expect(try self.ranges(nil) == [])
    #expect(try self.ranges("10.96.0.0/12,fd00::/8").map(\.description) == ["10.96.0.0/12", "fd00::/8"])
  }

  @Test(arguments: ["everything", "10.96.0.1/12", "10.0.0.0/8,,", "10.0.0.0/33"])
  func aRangeThatIsNoneIsNamed(_ text: String) {
    #expect { try self.ranges(text) } throws: { "\($0)".contains("UMPIRE_REFUSED_RANGES") }
  }
}
