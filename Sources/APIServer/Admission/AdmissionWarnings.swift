/// What webhooks warn a client of, within bounds: a warning is a field of the answer's head.
struct AdmissionWarnings: Sendable {
  /// All warnings together, in characters.
  static let maximumCharacters = 4096
  /// How long a warning may be that would go beyond that.
  static let shortened = 256

  private(set) var texts: [String] = []
  private var count = 0

  /// Adds a warning, once.
  mutating func add(_ text: String) {
    var scalars = text.unicodeScalars.prefix(Self.maximumCharacters).map { $0.isControl ? " " : $0 }
    if self.count + scalars.count > Self.maximumCharacters { scalars = Array(scalars.prefix(Self.shortened)) }
    let line = String(String.UnicodeScalarView(scalars))
    guard !line.isEmpty, self.count + scalars.count <= Self.maximumCharacters, !self.texts.contains(line) else {
      return
    }
    self.count += scalars.count
    self.texts.append(line)
  }
}
