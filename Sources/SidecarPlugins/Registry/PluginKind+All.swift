extension PluginKind {
  /// Every plugin that there is.
  package static let all: [PluginKind] = [
    PluginKind(HotUpdatePlugin.self), PluginKind(HTTPProbePlugin.self), PluginKind(AuthProxyPlugin.self),
  ]
}
