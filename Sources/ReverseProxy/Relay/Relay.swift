import HTTPTypes
import NIOCore

/// One client's connection and the one to the upstream server that belongs to it, as a value.
///
/// Requests are served one after the other: the next head is read only when the exchange before it has ended, so
/// pipelined requests are answered in order and wait outside.
/// ```
///   request:  head ─▶ connecting ─▶ body ─▶ sent ─▶ head …      head, … ─▶ lingering ─▶ over
///                          └───────────────▶ sent ─▶ tunnel ─▶ over
///   response:  none ─▶ head ─▶ body ─▶ none …
/// ```
/// Nothing is gathered: a side is read only when the other one takes what comes (``wantsClientBytes`` and
/// ``wantsUpstreamBytes``), so no more waits here than one reading's worth, and what the two channels hold.
struct Relay {
  /// What is read from the client.
  enum RequestState {
    /// The head of the next request, perhaps in part.
    case head
    /// A request waits for the connection to the upstream server.
    case connecting(Outgoing)
    case body(BodyDecoder, BodyEncoder)
    /// The whole request has been passed on.
    case sent
    case tunnel
    /// An answer ends the connection, and what still comes is dropped.
    case lingering(dropped: Int)
    case over
  }

  /// What is read from the upstream server.
  enum ResponseState {
    case none
    case head(HeadScanner)
    case body(BodyDecoder, BodyEncoder)
    case tunnel
  }

  enum UpstreamState { case closed, connecting, open }

  /// A request that is ready to be passed on.
  struct Outgoing {
    var head: ByteBuffer
    var body: BodyLength
  }

  /// What is known of the exchange under way.
  struct Exchange {
    var isHead: Bool
    var minorVersion: Int
    var keepsAlive: Bool
    var upgrades: Bool
    /// The whole request, while it may be sent once more on a fresh connection.
    var replay: Outgoing?
    var bodyCount = 0
    /// The final head has gone to the client.
    var isAnswered = false
    /// Whether the connection to the upstream server may serve another exchange.
    var keepsUpstream = false
    var endsWithConnection = false
  }

  let rules: RelayRules
  var request = RequestState.head
  var response = ResponseState.none
  var upstream = UpstreamState.closed
  var exchange: Exchange?
  var scanner = HeadScanner()
  var input = ByteBuffer()
  var upstreamInput = ByteBuffer()
  var isClientWritable = true
  var isUpstreamWritable = true
  var hasClientEnded = false
  var hasUpstreamEnded = false
  var isStopping = false
  /// Whether the connection to the upstream server has served an exchange.
  var isUpstreamUsed = false
  var lastActivity = NIODeadline.now()
  /// When the state that it is in has lasted too long; takes the place of the idle time.
  var phaseDeadline: NIODeadline?
  /// When a client that has closed its half is given up.
  var leavingDeadline: NIODeadline?
  var now = NIODeadline.now()
  var actions: [RelayAction] = []

  init(_ rules: RelayRules) {
    self.rules = rules
  }

  /// Whether the client's bytes are to be read.
  var wantsClientBytes: Bool {
    if self.hasClientEnded { return false }
    switch self.request {
    case .head: return self.isClientWritable
    case .body, .tunnel: return self.isUpstreamWritable
    case .lingering: return true
    case .connecting, .sent, .over: return false
    }
  }

  /// Whether the upstream server's bytes are to be read.
  var wantsUpstreamBytes: Bool {
    guard self.upstream == .open, !self.hasUpstreamEnded else { return false }
    switch self.response {
    case .none, .head: return true
    case .body, .tunnel: return self.isClientWritable
    }
  }

  /// When ``RelayEvent/timePassed`` is due; nil once all is over.
  var deadline: NIODeadline? {
    if case .over = self.request { return nil }
    let deadline = self.phaseDeadline ?? self.idleDeadline
    return self.leavingDeadline.map { min($0, deadline) } ?? deadline
  }

  var idleDeadline: NIODeadline { self.lastActivity + TimeAmount(self.rules.limits.idle) }

  /// Takes one event in.
  mutating func handle(_ event: RelayEvent, at now: NIODeadline) -> [RelayAction] {
    self.now = now
    self.actions = []
    if case .over = self.request { return [] }
    switch event {
    case .opened:
      self.lastActivity = now
      self.phaseDeadline = now + TimeAmount(self.rules.limits.head)
    case .clientBytes(var bytes):
      self.lastActivity = now
      self.input.take(&bytes)
      self.advanceRequest()
    case .clientEnded: self.clientEnded()
    case .clientFinished:
      if case .lingering = self.request { self.phaseDeadline = now + RelayRules.lingering }
    case .clientGone: self.end([.closeUpstream])
    case .clientWritable(let isWritable):
      if isWritable != self.isClientWritable { self.lastActivity = now }
      self.isClientWritable = isWritable
      if isWritable { self.advanceRequest() }
    case .upstreamOpened: self.upstreamOpened()
    case .upstreamRefused(let failure):
      self.upstream = .closed
      self.fail(failure)
    case .upstreamBytes(var bytes):
      self.lastActivity = now
      self.upstreamInput.take(&bytes)
      self.advanceResponse()
    case .upstreamEnded: self.upstreamEnded()
    case .upstreamGone: self.upstreamGone()
    case .upstreamWritable(let isWritable):
      if isWritable != self.isUpstreamWritable { self.lastActivity = now }
      self.isUpstreamWritable = isWritable
    case .timePassed: self.timePassed()
    case .stop: self.stop()
    }
    return self.actions
  }

  /// Ends everything.
  mutating func end(_ actions: [RelayAction]) {
    self.request = .over
    self.response = .none
    self.input = ByteBuffer()
    self.upstreamInput = ByteBuffer()
    self.actions += actions
  }

  mutating func closeUpstream() {
    guard self.upstream != .closed else { return }
    self.upstream = .closed
    self.upstreamInput = ByteBuffer()
    self.actions.append(.closeUpstream)
  }

  private mutating func stop() {
    self.isStopping = true
    switch self.request {
    case .head, .tunnel, .lingering: self.end([.closeUpstream, .closeClient])
    case .connecting, .body, .sent, .over: ()
    }
  }

  private mutating func timePassed() {
    if let leaving = self.leavingDeadline, leaving <= self.now { return self.end([.closeUpstream, .abortClient]) }
    if let deadline = self.phaseDeadline {
      guard deadline <= self.now else { return }
      switch self.request {
      case .head where self.input.readableBytes > 0: self.refuse(.slow)
      case .connecting, .body, .sent: self.fail(.timeout)
      case .head, .tunnel, .lingering, .over: self.end([.closeUpstream, .abortClient])
      }
      return
    }
    guard self.idleDeadline <= self.now else { return }
    switch self.request {
    case .connecting: self.fail(.timeout)
    case .body where !self.isUpstreamWritable: self.fail(.timeout)
    case .body where self.exchange?.isAnswered == false: self.refuse(.slow)
    case .head: self.end([.closeUpstream, .closeClient])
    case .body, .sent, .tunnel, .lingering, .over: self.end([.closeUpstream, .abortClient])
    }
  }
}

extension ByteBuffer {
  /// Takes all of `other` over, without a copy where this one is empty.
  fileprivate mutating func take(_ other: inout ByteBuffer) {
    if self.readableBytes == 0 {
      self = other
    } else {
      self.writeBuffer(&other)
    }
  }
}
