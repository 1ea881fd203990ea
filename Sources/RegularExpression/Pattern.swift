/// A regular expression in the syntax of RE2, matched in time linear in the text.
///
/// Patterns and texts both come from outside, so neither may make a server slow: no backtracking, and a bound on the
/// program's size.
package struct Pattern: Sendable {
  /// The expression.
  package let source: String
  let program: [PatternInstruction]

  /// How many steps each character of a text may take at most.
  package var size: Int { self.program.count }

  /// Compiles an expression.
  ///
  /// - Throws: ``PatternFault`` for one that is malformed, too large, or uses what RE2 does not have.
  package init(_ source: String) throws(PatternFault) {
    var compiler = PatternCompiler(source)
    self.source = source
    self.program = try compiler.compile()
  }

  /// Whether the expression matches anywhere in the text.
  package func matches(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    var current = PatternThreads(count: self.program.count)
    var next = PatternThreads(count: self.program.count)
    for position in 0...scalars.count {
      // An unanchored search begins anew at each place.
      if self.follow(0, at: position, in: scalars, into: &current) { return true }
      guard position < scalars.count else { return false }
      next.removeAll()
      for instruction in current.list {
        guard case .scalar(let set, let target) = self.program[instruction], set.contains(scalars[position]) else {
          continue
        }
        if self.follow(target, at: position + 1, in: scalars, into: &next) { return true }
      }
      swap(&current, &next)
    }
    return false
  }

  /// Adds an instruction and all that it leads to without consuming anything; true if a match is among them.
  private func follow(
    _ start: Int, at position: Int, in scalars: [Unicode.Scalar], into threads: inout PatternThreads
  ) -> Bool {
    var stack = [start]
    while let index = stack.popLast() {
      guard threads.insert(index) else { continue }
      switch self.program[index] {
      case .match: return true
      case .scalar: ()
      case .jump(let target): stack.append(target)
      case .split(let first, let second):
        stack.append(second)
        stack.append(first)
      case .assert(let assertion, let target):
        if assertion.holds(at: position, in: scalars) { stack.append(target) }
      }
    }
    return false
  }
}

/// Why an expression cannot be compiled.
package struct PatternFault: Error, Sendable, Hashable {
  /// What is wrong, in RE2's words.
  package var message: String
}

/// One step of a compiled expression.
enum PatternInstruction: Sendable {
  case scalar(PatternSet, Int)
  case split(Int, Int)
  case jump(Int)
  case assert(PatternAssertion, Int)
  case match
}

/// A condition on a place in the text.
enum PatternAssertion: Sendable {
  case start, end, wordBoundary, notWordBoundary

  func holds(at position: Int, in scalars: [Unicode.Scalar]) -> Bool {
    switch self {
    case .start: return position == 0
    case .end: return position == scalars.count
    case .wordBoundary, .notWordBoundary:
      let before = position > 0 && PatternSet.word.contains(scalars[position - 1])
      let after = position < scalars.count && PatternSet.word.contains(scalars[position])
      return (before != after) == (self == .wordBoundary)
    }
  }
}

/// A set of characters.
struct PatternSet: Sendable {
  var ranges: [ClosedRange<UInt32>]
  var isNegated = false

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    self.ranges.contains { $0.contains(scalar.value) } != self.isNegated
  }

  static let digit = PatternSet(ranges: [0x30...0x39])
  static let word = PatternSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  static let space = PatternSet(ranges: [0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
  static let notNewline = PatternSet(ranges: [0x0A...0x0A], isNegated: true)

  /// The same set, written without negation.
  var positiveRanges: [ClosedRange<UInt32>] {
    guard self.isNegated else { return self.ranges }
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in self.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return result
  }
}

/// The instructions that are active at one place, each once, in order of priority.
private struct PatternThreads {
  private(set) var list: [Int] = []
  private var marks: [Bool]

  init(count: Int) { self.marks = Array(repeating: false, count: count) }

  mutating func insert(_ index: Int) -> Bool {
    guard !self.marks[index] else { return false }
    self.marks[index] = true
    self.list.append(index)
    return true
  }

  mutating func removeAll() {
    for index in self.list { self.marks[index] = false }
    self.list.removeAll(keepingCapacity: true)
  }
}
