/// Makes the names of children.
package enum ChildName {
  /// Letters and digits that form no words and are not mixed up; Kubernetes' own choice.
  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  /// Five characters at random.
  package static func randomSuffix() -> String {
    var generator = SystemRandomNumberGenerator()
    return String((0..<5).map { _ in Self.alphabet.randomElement(using: &generator) ?? "x" })
  }

  /// `owner-suffix`, with the owner cut so that what is derived from the name still fits a label (63 characters).
  ///
  /// - Parameter length: how much of the owner's name is kept at most. A dot at the cut is dropped: no part of a name may
  ///   begin with the hyphen behind it.
  static func make(owner: String, length: Int = 50, suffix: String) -> String {
    let kept = String(owner.prefix(length))
    let stem = kept.lastIndex { $0 != "." }.map { kept[...$0] } ?? ""
    return "\(stem)-\(suffix)"
  }
}
