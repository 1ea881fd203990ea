import FoundationEssentials

/// Makes uids as Kubernetes gives them to objects and questions: random UUIDs in lower case.
package enum UniqueIdentifier {
  /// A uid that nothing else has.
  package static func random() -> String {
    // UUID() by itself opens a file for each.
    var generator = SystemRandomNumberGenerator()
    return UUID.random(using: &generator).uuidString.lowercased()
  }
}
