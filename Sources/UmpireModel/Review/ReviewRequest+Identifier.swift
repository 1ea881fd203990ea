import FoundationEssentials

extension ReviewRequest {
  /// A uid that no other question has: a random UUID in lower case.
  package static func freshUID() -> String {
    // UUID() by itself opens a file for each.
    var generator = SystemRandomNumberGenerator()
    return UUID.random(using: &generator).uuidString.lowercased()
  }
}
