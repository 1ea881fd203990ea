/// What `User-Agent` says of us.
enum UserAgent {
  /// The version of all our programs.
  static let version = "0.1.0"

  /// For example `umpire-controller/0.1.0 (linux/amd64)`.
  static func text(component: String) -> String {
    "\(component.isEmpty ? "umpire" : component)/\(Self.version) (\(Self.system)/\(Self.architecture))"
  }

  private static var system: String {
    #if os(Linux)
      "linux"
    #else
      "darwin"
    #endif
  }

  /// Under the names that Kubernetes has for them.
  private static var architecture: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }
}
