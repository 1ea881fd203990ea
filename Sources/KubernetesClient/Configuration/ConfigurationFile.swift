import FoundationEssentials

/// Reads the small files that a configuration points to.
enum ConfigurationFile {
  /// No kubeconfig, certificate or token is anywhere near this large.
  static let largest = 4 << 20

  static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw ConfigurationError("\(path): cannot be read: \(Self.reason(error))")
    }
    guard data.count <= Self.largest else {
      throw ConfigurationError("\(path): larger than \(Self.largest) bytes")
    }
    return [UInt8](data)
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    switch error.code {
    case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file"
    case .fileReadNoPermission: return "permission denied"
    default: return "\(error.code)"
    }
  }
}
