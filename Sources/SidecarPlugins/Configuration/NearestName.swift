/// Finds what somebody may have meant.
enum NearestName {
  /// The name that takes the fewest changes, if they are few; nil otherwise.
  static func of(_ word: String, among names: [String]) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let distances = names.map { ($0, self.distance(Array(word.lowercased()), Array($0.lowercased()))) }
    guard let nearest = distances.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { return nil }
    return nearest.1 <= (word.count < 4 ? 1 : max(2, word.count / 3)) ? nearest.0 : nil
  }

  /// How many letters have to be put in, taken out or replaced (Levenshtein).
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
