/// What was read of Secrets, and when it is to be read again.
///
/// A value; whoever owns it does the reading.
struct SecretCache<Key: Hashable, Content> {
  /// Content counts as new for so long.
  static var lifetime: Duration { .seconds(30) }
  /// Content that is doubted is not read more often than this.
  static var shortest: Duration { .seconds(1) }
  private static var mostEntries: Int { 1_000 }

  private struct Entry {
    var content: Content?
    var readAt: ContinuousClock.Instant
    var isDoubted = false
    var isReading = false
  }

  private var entries: [Key: Entry] = [:]

  /// How many Secrets are known.
  var count: Int { self.entries.count }

  enum OnAsk {
    /// Use this.
    case use(Content)
    /// Read, and tell with ``read(_:_:now:)``.
    case read
    /// Somebody reads it for the first time; wait for that.
    case wait
  }

  mutating func ask(_ key: Key, now: ContinuousClock.Instant) -> OnAsk {
    guard var entry = self.entries[key] else {
      if self.entries.count >= Self.mostEntries { self.entries = self.entries.filter(\.value.isReading) }
      self.entries[key] = Entry(content: nil, readAt: now, isReading: true)
      return .read
    }
    let age = entry.readAt.duration(to: now)
    guard let content = entry.content else {
      if entry.isReading { return .wait }
      entry.isReading = true
      self.entries[key] = entry
      return .read
    }
    // While one reads it again the others make do with what there is.
    guard !entry.isReading, age >= (entry.isDoubted ? Self.shortest : Self.lifetime) else { return .use(content) }
    entry.isReading = true
    self.entries[key] = entry
    return .read
  }

  /// It was read; nil if that did not come to an end.
  mutating func read(_ key: Key, _ content: Content?, now: ContinuousClock.Instant) {
    guard let content else {
      self.entries[key] = nil
      return
    }
    self.entries[key] = Entry(content: content, readAt: now)
  }

  /// It may have changed: it is read again at the next use.
  mutating func doubt(_ key: Key) { self.entries[key]?.isDoubted = true }
}
