import Logging

/// What all connections of a proxy share.
struct ProxyContext: Sendable {
  var configuration: ProxyConfiguration
  var tokens: TokenStore
  var metrics: ProxyMetrics
  var logger: Logger
}
