/// Which sockets epoll listens to, and what it must be told when libcurl wants to hear of others.
///
/// libcurl takes its interest back after every exchange and says it again for the next. A connection's own socket stays
/// registered in between, so that an exchange on a connection that was kept costs no call of the kernel for it. A value
/// without effects: whoever owns it makes the ``Call``s.
struct SocketInterests {
  /// A call of `epoll_ctl`.
  enum Call: Equatable {
    /// None is needed.
    case none
    case add(UInt32)
    case modify(UInt32)
    case delete
  }

  private struct Entry {
    /// Whether we are told when it is closed: a number without that may come to mean another socket.
    var isOurs: Bool
    /// What epoll reports; 0 while the socket is not registered.
    var registered: UInt32 = 0
    /// What libcurl wants to hear.
    var wanted: UInt32 = 0
  }

  private var entries: [Int32: Entry] = [:]

  /// How many sockets are known.
  var count: Int { self.entries.count }

  /// Records that a socket of ours was opened.
  mutating func opened(_ socket: Int32) {
    self.entries[socket] = Entry(isOurs: true)
  }

  /// Records that a socket of ours is being closed, at which epoll forgets it by itself.
  mutating func closed(_ socket: Int32) {
    self.entries[socket] = nil
  }

  /// Takes up that libcurl wants to hear these events of a socket; 0 for none.
  mutating func want(_ events: UInt32, of socket: Int32) -> Call {
    guard var entry = self.entries[socket] else {
      guard events != 0 else { return .delete }
      self.entries[socket] = Entry(isOurs: false, registered: events, wanted: events)
      return .add(events)
    }
    entry.wanted = events
    guard events != 0 || entry.isOurs else {
      self.entries[socket] = nil
      return .delete
    }
    guard events != 0, events != entry.registered else {
      self.entries[socket] = entry
      return .none
    }
    let isRegistered = entry.registered != 0
    entry.registered = events
    self.entries[socket] = entry
    return isRegistered ? .modify(events) : .add(events)
  }

  /// What is to be done about an event: nil if libcurl waits for it.
  ///
  /// The peer of a connection that nobody uses has closed it, or says something without being asked. libcurl finds out
  /// when it wants to use the connection; until then epoll would report it again and again.
  mutating func callForUnwanted(_ socket: Int32) -> Call? {
    guard var entry = self.entries[socket], entry.wanted == 0 else { return nil }
    entry.registered = 0
    self.entries[socket] = entry
    return .delete
  }
}
