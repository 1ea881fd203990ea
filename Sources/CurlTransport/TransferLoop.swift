import CCurl
import CCurlShims
import Glibc
import HTTPTransport

/// The thread that runs every transfer: epoll tells it which sockets are ready, and libcurl is told about those alone.
///
/// Everything here is confined to that thread. Tasks reach it through a ``Mailbox`` and hear of it through an ``Exchange``.
final class TransferLoop {
  private let mailbox: Mailbox
  private let common: Transfer.Common
  private let descriptors: Mailbox.Descriptors
  private let sockets: SocketWatch
  private let multi: UnsafeMutableRawPointer
  private let clock = ContinuousClock()
  /// What is being done of what tasks have asked for.
  private var commands: [Mailbox.Command] = []
  private var transfers: [ObjectIdentifier: Transfer] = [:]
  /// Handles that have come to a good end.
  private var idle = IdleTransfers()
  /// Exchanges that have not begun because too many with their endpoint run.
  private var waiting: [ObjectIdentifier: Waiting] = [:]
  private var queue = EndpointQueue<PreparedRequest.Endpoint, Exchange>()
  private var sweep: ConnectionSweep?
  /// When libcurl wants to be called though no socket is ready.
  private var curlTimer: ContinuousClock.Instant?
  /// The first moment at which a transfer's deadline may have passed.
  ///
  /// It may lie too early, never too late.
  private var nextDeadline: ContinuousClock.Instant?
  /// How often answers may lead to questions before sockets are looked at again.
  private static let rounds = 8

  private struct Waiting {
    var exchange: Exchange
    var deadline: TransferDeadline<ContinuousClock.Instant>
  }

  private init?(_ start: Start) {
    guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = curl_multi_init() else { return nil }
    self.mailbox = start.mailbox
    self.descriptors = start.descriptors
    self.multi = multi
    let share = curl_share_init()
    // Without it every connection has a handshake of its own, and nothing else changes.
    if let share { curl_shim_share_tls_sessions(share) }
    self.sockets = SocketWatch(epoll: start.descriptors.epoll, ledger: start.ledger)
    self.common = Transfer.Common(configuration: start.configuration, sockets: self.sockets, share: share)
    self.sweep = ConnectionSweep(multi, start.configuration, self.sockets)
  }

  /// Transfers hold on to what they share, and the multi handle to connections, so that all goes in this order.
  deinit {
    self.sweep = nil
    self.transfers = [:]
    self.idle = IdleTransfers()
    curl_multi_cleanup(self.multi)
    curl_share_cleanup(self.common.share)
    close(self.descriptors.epoll)
    close(self.descriptors.wakeup)
  }

  // MARK: The thread

  /// What a thread is started with.
  final class Start {
    let mailbox: Mailbox
    let configuration: CurlHTTPTransport.Configuration
    let ledger: ConnectionLedger
    let descriptors: Mailbox.Descriptors

    init(
      _ mailbox: Mailbox, _ configuration: CurlHTTPTransport.Configuration, _ ledger: ConnectionLedger,
      _ descriptors: Mailbox.Descriptors
    ) {
      self.mailbox = mailbox
      self.configuration = configuration
      self.ledger = ledger
      self.descriptors = descriptors
    }
  }

  /// Starts the thread, which ends when its mailbox is closed; somebody has to join or to detach it.
  ///
  /// It owns the descriptors unless this throws.
  static func start(_ start: Start) throws(TransportError) -> pthread_t {
    // A signal is never handled on this thread, and a broken connection never raises SIGPIPE on it.
    var everySignal = sigset_t()
    var before = sigset_t()
    sigfillset(&everySignal)
    pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 1 << 20)

    let context = Unmanaged.passRetained(start)
    var thread = pthread_t()
    let result = pthread_create(&thread, &attributes, TransferLoop.main, context.toOpaque())
    guard result == 0 else {
      context.release()
      let reason = String(cString: strerror(result))
      throw TransportError(.connect, "cannot start a thread: \(reason)", progress: .nothingSent)
    }
    return thread
  }

  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    guard let context else { return nil }
    curl_shim_name_thread("transfers")
    let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    if let loop = TransferLoop(start) {
      loop.configure()
      loop.run()
    } else {
      start.mailbox.close()
      var commands: [Mailbox.Command] = []
      _ = start.mailbox.drain(into: &commands)
      TransferLoop.refuse(commands)
      close(start.descriptors.epoll)
      close(start.descriptors.wakeup)
    }
    return nil
  }

  private func run() {
    self.sockets.listen(to: self.descriptors.wakeup)
    var isRunning = true
    while isRunning {
      // Nobody needs to wake us unless we are about to sleep.
      let wait = self.mailbox.fallAsleep() ? self.waitMilliseconds() : 0
      self.sockets.wait(milliseconds: wait) { socket, ready in
        guard socket != self.descriptors.wakeup else {
          var value: eventfd_t = 0
          eventfd_read(socket, &value)
          return
        }
        var running: Int32 = 0
        curl_multi_socket_action(self.multi, socket, ready, &running)
      }
      isRunning = self.work()
      self.checkDeadlines()
    }
    for waiting in self.waiting.values { waiting.exchange.finish(Mailbox.closedError(.nothingSent)) }
    self.waiting = [:]
    for transfer in self.transfers.values { self.finish(transfer, Mailbox.closedError(transfer.progress)) }
  }

  /// Does what can be done without waiting, though not for long: sockets must have their turn.
  ///
  /// An answer's task may run here and ask its next question at once.
  ///
  /// - Returns: false once the mailbox is closed.
  private func work() -> Bool {
    for _ in 0..<Self.rounds {
      self.fireCurlTimer()
      self.finishTransfers()
      switch self.takeCommands() {
      case .some(true): ()
      case .some(false): return true
      case nil: return false
      }
    }
    return true
  }

  // MARK: Commands

  /// - Returns: whether there was any; nil once the mailbox is closed.
  private func takeCommands() -> Bool? {
    let isOpen = self.mailbox.drain(into: &self.commands)
    defer { self.commands.removeAll(keepingCapacity: true) }
    guard isOpen else {
      Self.refuse(self.commands)
      return nil
    }
    for command in self.commands {
      switch command {
      case .begin(let exchange): self.begin(exchange)
      case .resume(let exchange):
        guard let transfer = self.transfers[ObjectIdentifier(exchange)] else { continue }
        transfer.resume()
        self.expect(transfer.deadline.next)
      case .end(let exchange):
        self.waiting[ObjectIdentifier(exchange)] = nil
        if let transfer = self.transfers[ObjectIdentifier(exchange)] { self.finish(transfer, CancellationError()) }
      case .run(let job): job.runSynchronously(on: self.mailbox.asUnownedTaskExecutor())
      }
    }
    return !self.commands.isEmpty
  }

  private static func refuse(_ commands: [Mailbox.Command]) {
    for command in commands {
      switch command {
      case .begin(let exchange): exchange.finish(Mailbox.closedError(.nothingSent))
      case .run(let job): globalConcurrentExecutor.enqueue(job)
      case .resume, .end: ()
      }
    }
  }

  private func begin(_ exchange: Exchange) {
    let limits = exchange.request.limits
    let deadline = TransferDeadline(total: limits.total, idle: limits.idle, now: self.clock.now)
    guard let limit = exchange.request.concurrency else { return self.start(exchange, deadline) }
    switch self.queue.begin(exchange, at: exchange.request.endpoint, limit: limit) {
    case .start: self.start(exchange, deadline)
    case .wait:
      self.waiting[ObjectIdentifier(exchange)] = Waiting(exchange: exchange, deadline: deadline)
      self.expect(deadline.next)
    case .refuse:
      exchange.finish(
        TransportError(.refused, "too many requests wait for this endpoint already", progress: .nothingSent))
    }
  }

  private func start(_ exchange: Exchange, _ deadline: TransferDeadline<ContinuousClock.Instant>) {
    let shape = exchange.request.shape
    guard let transfer = self.idle.take(shape) ?? Transfer(shape, self.common) else {
      return self.finish(exchange, Self.noMemory)
    }
    transfer.prepare(exchange, deadline)
    guard curl_multi_add_handle(self.multi, transfer.handle) == CURLM_OK else {
      return self.finish(exchange, Self.noMemory)
    }
    self.transfers[ObjectIdentifier(exchange)] = transfer
    self.expect(deadline.next)
  }

  private static let noMemory = TransportError(
    .connect, "there is no memory for a transfer", progress: .nothingSent)

  /// Takes the transfer away from libcurl, which closes its connection unless the answer was complete.
  private func finish(_ transfer: Transfer, _ error: (any Error)?) {
    curl_multi_remove_handle(self.multi, transfer.handle)
    guard let exchange = transfer.exchange else { return }
    self.transfers[ObjectIdentifier(exchange)] = nil
    transfer.clear()
    if error == nil { self.idle.put(transfer) }
    self.sweep?.expect(now: self.clock.now)
    self.finish(exchange, error)
  }

  /// Tells the task, and gives the place of its exchange to the next that waits for it.
  private func finish(_ exchange: Exchange, _ error: (any Error)?) {
    exchange.finish(error)
    guard exchange.request.concurrency != nil else { return }
    let next = self.queue.end(exchange.request.endpoint) { self.waiting[ObjectIdentifier($0)] != nil }
    guard let next, let waiting = self.waiting.removeValue(forKey: ObjectIdentifier(next)) else { return }
    self.start(waiting.exchange, waiting.deadline)
  }

  private func finishTransfers() {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(self.multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        self.sweep?.end(handle) != true, let transfer = Transfer.of(handle)
      else { continue }
      self.finish(transfer, transfer.error(for: message.pointee.data.result))
    }
  }

  // MARK: Time

  private func waitMilliseconds() -> Int32 {
    guard let next = Self.earlier(Self.earlier(self.curlTimer, self.nextDeadline), self.sweep?.next) else { return -1 }
    let wait = self.clock.now.duration(to: next)
    return wait <= .zero ? 0 : Int32(wait.milliseconds)
  }

  private static func earlier(
    _ left: ContinuousClock.Instant?, _ right: ContinuousClock.Instant?
  ) -> ContinuousClock.Instant? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }

  private func fireCurlTimer() {
    guard let timer = self.curlTimer, timer <= self.clock.now else { return }
    self.curlTimer = nil
    var running: Int32 = 0
    curl_multi_socket_action(self.multi, CURL_SOCKET_TIMEOUT, 0, &running)
  }

  private func expect(_ deadline: ContinuousClock.Instant?) {
    self.nextDeadline = Self.earlier(self.nextDeadline, deadline)
  }

  /// Looks at every transfer, but only once the earliest deadline has come: with many short requests that is seldom.
  private func checkDeadlines() {
    let now = self.clock.now
    self.sweep?.begin(now: now)
    guard let nextDeadline = self.nextDeadline, nextDeadline <= now else { return }
    self.nextDeadline = nil
    for (identifier, waiting) in self.waiting {
      if waiting.deadline.passed(now: now) != nil {
        self.waiting[identifier] = nil
        waiting.exchange.finish(
          TransportError(
            .timeout, "too many requests to this endpoint were running all the time", progress: .nothingSent))
      } else {
        self.expect(waiting.deadline.next)
      }
    }
    for transfer in self.transfers.values {
      if let passed = transfer.deadline.passed(now: now) {
        self.finish(transfer, transfer.error(for: passed))
      } else {
        self.expect(transfer.deadline.next)
      }
    }
  }

  // MARK: Sockets

  private func configure() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    curl_shim_multi_set_pointer(self.multi, CURLMOPT_SOCKETDATA, context)
    curl_shim_multi_set_pointer(self.multi, CURLMOPT_TIMERDATA, context)
    curl_shim_multi_set_socket_function(self.multi) { _, socket, interest, context, _ in
      guard let context else { return -1 }
      Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue().sockets.watch(socket, interest)
      return 0
    }
    curl_shim_multi_set_timer_function(self.multi) { _, milliseconds, context in
      guard let context else { return -1 }
      let loop = Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue()
      loop.curlTimer = milliseconds < 0 ? nil : loop.clock.now.advanced(by: .milliseconds(milliseconds))
      return 0
    }
    curl_shim_multi_set_long(self.multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    curl_shim_multi_set_long(
      self.multi, CURLMOPT_MAX_HOST_CONNECTIONS, self.common.configuration.connectionsPerHost ?? 0)
    curl_shim_multi_set_long(self.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, self.common.configuration.connections ?? 0)
    curl_shim_multi_set_long(self.multi, CURLMOPT_MAXCONNECTS, self.common.configuration.idleConnections)
  }
}
