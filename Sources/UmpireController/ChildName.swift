/// Makes the names of children.
enum ChildName {
  /// Letters and digits that form no words and are not mixed up; Kubernetes' own choice.
  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  /// `owner-xxxxx`, with the owner cut so that what is derived from the name still fits a label (63 characters).
  static func random(owner: String) -> String {
    var generator = SystemRandomNumberGenerator()
    let suffix = (0..<5).map { _ in Self.alphabet.randomElement(using: &generator) ?? "x" }
    return "\(owner.prefix(50))-\(String(suffix))"
  }
}
