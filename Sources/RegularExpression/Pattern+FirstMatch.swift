extension Pattern {
  /// One way through the program: the instruction that it has come to, and where its match begins.
  private struct Thread {
    var instruction: Int
    var start: Int
  }

  /// The first match at or after a place; of several that begin there, the one that a backtracking search finds first.
  ///
  /// - Parameter position: an index into `scalars`, or their number.
  /// - Returns: nil if there is none.
  package func firstMatch(in scalars: [Unicode.Scalar], from position: Int) -> Range<Int>? {
    var threads: [Thread] = []
    var match: Range<Int>?
    for index in position...scalars.count {
      var marks = Array(repeating: false, count: self.program.count)
      var ready: [Thread] = []
      // The order is that of preference: whatever began earlier comes first.
      if match == nil { threads.append(Thread(instruction: 0, start: index)) }
      for thread in threads where self.follow(thread, at: index, in: scalars, into: &ready, &marks) {
        match = thread.start..<index
        break
      }
      guard index < scalars.count, !(ready.isEmpty && match != nil) else { break }
      threads = ready.compactMap { thread in
        guard case .scalar(let set, let target) = self.program[thread.instruction], set.contains(scalars[index]) else {
          return nil
        }
        return Thread(instruction: target, start: thread.start)
      }
    }
    return match
  }

  /// Adds what a thread leads to without consuming anything; true once it has come to a match, which ends all others.
  private func follow(
    _ thread: Thread, at index: Int, in scalars: [Unicode.Scalar], into ready: inout [Thread], _ marks: inout [Bool]
  ) -> Bool {
    var stack = [thread.instruction]
    while let instruction = stack.popLast() {
      guard !marks[instruction] else { continue }
      marks[instruction] = true
      switch self.program[instruction] {
      case .match: return true
      case .scalar: ready.append(Thread(instruction: instruction, start: thread.start))
      case .jump(let target): stack.append(target)
      case .split(let first, let second):
        stack.append(second)
        stack.append(first)
      case .assert(let assertion, let target):
        if assertion.holds(at: index, in: scalars) { stack.append(target) }
      }
    }
    return false
  }
}
