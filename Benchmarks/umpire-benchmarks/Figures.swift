import FoundationEssentials

/// One number that a benchmark found.
struct Figure: Sendable, Codable {
  /// The benchmark's name, then what was measured, joined by dots.
  var name: String
  var value: Double
  var unit: String
}

/// The figures of the last run of every benchmark.
struct Results: Codable {
  /// The machine of the last run.
  var machine = Machine()
  var figures: [Figure] = []

  struct Machine: Codable {
    var cores = 0
    var memoryGiB = 0
  }

  /// Puts `figures` in the place of those that the benchmark had.
  mutating func take(_ figures: [Figure], of benchmark: BenchmarkName) {
    self.machine = Machine(cores: ThisProcess.cores, memoryGiB: ThisProcess.memoryGiB)
    let old = self.figures.filter { !$0.name.hasPrefix(benchmark.rawValue + ".") }
    let order = BenchmarkName.allCases.map(\.rawValue)
    self.figures = order.flatMap { name in (old + figures).filter { $0.name.hasPrefix(name + ".") } }
  }
}

/// The file in which results are kept.
struct ResultsFile {
  var path: String

  /// What is there; nothing if there is no file.
  func read() throws -> Results {
    guard FileManager.default.fileExists(atPath: self.path) else { return Results() }
    do {
      return try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(filePath: self.path)))
    } catch {
      throw BenchmarkError(description: "\(self.path) holds no results: \(error)")
    }
  }

  func write(_ results: Results) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try (try encoder.encode(results) + Data("\n".utf8)).write(to: URL(filePath: self.path), options: .atomic)
  }
}

/// Figures as a table: what, how much, how much before, and the ratio of the two.
enum FigureTable {
  static func text(_ figures: [Figure], before: [Figure]) -> String {
    let rows = figures.map { figure in
      let old = before.first { $0.name == figure.name && $0.unit == figure.unit }
      let ratio = old.flatMap { $0.value == 0 ? nil : figure.value / $0.value }
      return [
        figure.name, Self.number(figure.value), figure.unit, old.map { Self.number($0.value) } ?? "-",
        ratio.map { "\(Self.fixed($0, places: 2))x" } ?? "-",
      ]
    }
    let table = [["figure", "now", "unit", "before", "ratio"]] + rows
    let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    let lines = table.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        // Numbers end at one column, words begin at one.
        return column == 0 || column == 2 ? cell + space : space + cell
      }
      return "  " + cells.joined(separator: "  ")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A number in three digits or all its whole ones.
  static func number(_ value: Double) -> String {
    switch value.magnitude {
    case 100...: Self.fixed(value, places: 0)
    case 10..<100: Self.fixed(value, places: 1)
    default: Self.fixed(value, places: 2)
    }
  }

  private static func fixed(_ value: Double, places: Int) -> String {
    guard value.magnitude < 1e15 else { return "\(value)" }
    let factor = (0..<places).reduce(1) { product, _ in product * 10 }
    let scaled = Int((value.magnitude * Double(factor)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % factor)
    return "\(sign)\(scaled / factor).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
  }
}

extension [Double] {
  /// The value that this part of the others, from 0 to 1, does not exceed; 0 of nothing.
  func percentile(_ part: Double) -> Double {
    guard !self.isEmpty else { return 0 }
    let rank = Int((part * Double(self.count)).rounded(.up)) - 1
    return self.sorted()[Swift.max(0, Swift.min(self.count - 1, rank))]
  }
}

extension Duration {
  /// The whole duration in seconds.
  var inSeconds: Double { self / .seconds(1) }
  /// The whole duration in milliseconds.
  var inMilliseconds: Double { self / .milliseconds(1) }
}
