import ArgumentParser
import HTTPTransport
import KubernetesClient
import Logging
import Metrics
import ServerSupport
import UmpireAdmission

/// Whether and how admission is served.
struct AdmissionOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: """
      Judge objects, and fill in their defaults, before they are stored. (default: on in a cluster, off with a \
      kubeconfig unless a port is given)
      """)
  var admission: Bool?

  @Option(help: "The address of admission; * for every IPv4 and IPv6 address.")
  var admissionHost = ListenHost.everyAddress

  @Option(help: "The port of admission, which is HTTPS; 0 for any. (default: 9443)")
  var admissionPort: Int?

  @Option(help: "The Service, in the controller's namespace, by which the API server asks.")
  var admissionService = "umpire-admission"

  @Option(
    name: .customLong("admission-name"),
    help: ArgumentHelp(
      "Another name or address by which the API server asks; may be given several times.", valueName: "host"))
  var admissionNames: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Show the certificate of this folder, with tls.crt and tls.key as cert-manager mounts them. (default: one of an \
      authority of the controller's own, which is written into the webhook configurations)
      """, valueName: "dir"))
  var admissionCertificate: String?

  @Option(
    help: ArgumentHelp(
      """
      Seconds to serve admission after SIGTERM, from 0 to 60: the API server asks here until the Service's endpoints \
      are withdrawn. Leave 15 seconds more for terminationGracePeriodSeconds.
      """, valueName: "seconds"))
  var admissionStopDelay = 5

  /// How long admission is served after SIGTERM.
  var stopDelay: Duration { .seconds(self.admissionStopDelay) }

  func validate() throws {
    guard (0...60).contains(self.admissionStopDelay) else {
      throw ValidationError("--admission-stop-delay must be from 0 to 60")
    }
    if let port = self.admissionPort, !(0...65_535).contains(port) {
      throw ValidationError("--admission-port must be from 0 to 65535")
    }
  }

  /// The server, which does nothing until it runs; nil if admission is not to be served.
  ///
  /// - Parameters:
  ///   - namespace: the one that the controllers work in; nil for all.
  ///   - client: its writes must not depend on the election, as every replica serves.
  func server(
    for configuration: ClientConfiguration, namespace: String?, client: APIClient, logger: Logger,
    metricsFactory: any MetricsFactory
  ) -> AdmissionServer? {
    guard self.admission ?? (configuration.isInCluster || self.admissionPort != nil) else { return nil }
    let certificate: AdmissionConfiguration.Certificate =
      if let folder = self.admissionCertificate {
        .folder(folder)
      } else {
        .own(OwnCertificateOptions(namespace: configuration.namespace, names: self.names(configuration.namespace)))
      }
    var admission = AdmissionConfiguration(
      host: self.admissionHost, port: self.admissionPort ?? 9443, certificate: certificate)
    admission.namespace = namespace
    admission.stopDelay = self.stopDelay
    return AdmissionServer(admission, client: client, logger: logger, metricsFactory: metricsFactory) { host, port in
      logger.info("Listening for admission", metadata: ["address": "\(HostPort(host: host, port: port))"])
    }
  }

  private func names(_ namespace: String) -> [String] {
    CertificateTerms.names(ofService: self.admissionService, namespace: namespace) + self.admissionNames
  }
}
