import Logging
import ServerSupport
import ServiceLifecycle
import UnixSignals

/// Runs services until one of the signals, and stops them in reverse order.
///
/// Later ones depend on earlier ones: processes go before what they talk to.
struct LocalServiceGroup: Sendable {
  var services: [ServiceGroupConfiguration.ServiceConfiguration]
  var signals: [UnixSignal] = [.sigterm, .sigint]
  var logger: Logger

  /// - Throws: ``LocalError`` for what a person can mend, and what the services throw.
  func run() async throws {
    var configuration = ServiceGroupConfiguration(
      services: self.services, gracefulShutdownSignals: self.signals, logger: self.logger)
    configuration.maximumGracefulShutdownDuration = .seconds(30)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch let error as ListenError {
      throw error.code == .certificateUnusable
        ? LocalError(.badData, "\(error.message); remove the folder's tls to have new ones made")
        : LocalError(.unavailable, "\(error.message); choose another port with --port")
    }
  }
}
