import KubernetesModel

/// Validates the lifetime and the audiences of requested tokens.
enum TokenRequestRules {
  /// The default lifetime in seconds.
  static let defaultLifetime: Int64 = 3600
  private static let shortest: Int64 = 600
  private static let longest: Int64 = 1 << 32
  /// All audiences of a token together, in bytes, so that servers take the token in a field of a request.
  private static let maximumAudienceBytes = 2048

  /// The faults of a wanted lifetime.
  static func lifetimeFaults(_ seconds: JSONValue?, _ field: String) -> [FieldFault] {
    let lifetime = seconds?.integerValue ?? self.defaultLifetime
    if lifetime < self.shortest {
      return [.invalid(field, .integer(lifetime), "may not specify a duration less than 10 minutes")]
    }
    if lifetime > self.longest {
      return [.invalid(field, .integer(lifetime), "may not specify a duration larger than 2^32 seconds")]
    }
    return []
  }

  /// Every fault of a request.
  static func faults(in spec: JSONValue) -> [FieldFault] {
    let audiences = spec["audiences"]?.arrayValue?.compactMap(\.stringValue) ?? []
    var faults = self.lifetimeFaults(spec["expirationSeconds"], "spec.expirationSeconds")
    if audiences.reduce(0, { $0 + $1.utf8.count }) > self.maximumAudienceBytes {
      faults.append(.tooLong("spec.audiences", self.maximumAudienceBytes))
    }
    return faults
  }
}
