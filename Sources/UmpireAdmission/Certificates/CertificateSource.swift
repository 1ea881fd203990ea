/// Where the certificate comes from that admission shows.
protocol CertificateSource: Sendable {
  /// Why admission is not served yet; nil when it is.
  var unready: String? { get }
  /// Looks once, and shows a certificate if another one is due.
  func look() async throws
  /// Looks again and again until the task is cancelled.
  func run() async
}
