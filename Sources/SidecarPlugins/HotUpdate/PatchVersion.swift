/// The version of a patch: `v` and numbers with dots between them, any number of them.
struct PatchVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// As it was written.
  let description: String
  /// The numbers without leading zeros; they may be larger than any integer.
  private let segments: [Substring]

  /// Letters that a version may have.
  static let longest = 128

  /// Reads `v1.2.3`; nil for anything else.
  init?(_ text: String) {
    guard text.utf8.first == UInt8(ascii: "v"), text.utf8.count <= Self.longest else { return nil }
    var segments: [Substring] = []
    for segment in text.dropFirst().split(separator: ".", omittingEmptySubsequences: false) {
      guard !segment.isEmpty, segment.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      segments.append(segment.drop { $0 == "0" })
    }
    self.description = text
    // `v1` and `v1.0` are the same version.
    while segments.last?.isEmpty == true { segments.removeLast() }
    self.segments = segments
  }

  /// By the numbers, one after the other; `v1` and `v1.0` are the same.
  static func < (left: PatchVersion, right: PatchVersion) -> Bool {
    for index in 0..<max(left.segments.count, right.segments.count) {
      let one = index < left.segments.count ? left.segments[index] : ""
      let other = index < right.segments.count ? right.segments[index] : ""
      if one != other { return (one.utf8.count, String(one)) < (other.utf8.count, String(other)) }
    }
    return false
  }

  /// Whether the numbers are the same.
  static func == (left: PatchVersion, right: PatchVersion) -> Bool { left.segments == right.segments }

  /// Hashes the numbers.
  func hash(into hasher: inout Hasher) { hasher.combine(self.segments) }
}
