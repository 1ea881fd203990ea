extension PluginKind {
  /// Every plugin that there is.
  package static let all: [PluginKind] = [PluginKind(HTTPProbePlugin.self), PluginKind(AuthProxyPlugin.self)]
}
