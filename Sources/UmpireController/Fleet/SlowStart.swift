/// How many children are created at once: at first one, then twice as many at a time, up to a bound.
///
/// A quota or an admission rule that refuses is not hammered.
struct SlowStart: Sequence, IteratorProtocol {
  private var left: Int
  private var batch = 1
  private let bound: Int

  /// - Parameters:
  ///   - count: how many there are to be in all.
  ///   - bound: how many at once at most.
  init(_ count: Int, bound: Int) {
    self.left = count
    self.bound = bound
  }

  /// The size of the next batch; nil if all are made.
  mutating func next() -> Int? {
    guard self.left > 0 else { return nil }
    let size = Swift.min(self.batch, self.left)
    self.left -= size
    self.batch = Swift.min(self.batch * 2, self.bound)
    return size
  }
}
