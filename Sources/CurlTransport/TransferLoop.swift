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
  private let multi: UnsafeMutableRawPointer
  private let clock = ContinuousClock()
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

  private struct Waiting {
    var request: PreparedRequest
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
    self.common = Transfer.Common(configuration: start.configuration, ledger: start.ledger, share: share)
    self.sweep = ConnectionSweep(multi, start.configuration, start.ledger)
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

  /// Starts the thread, which ends when its mailbox is closed.
  ///
  /// It owns the descriptors unless this throws.
  static func start(_ start: Start) throws(TransportError) {
    // A signal is never handled on this thread, and a broken connection never raises SIGPIPE on it.
    var everySignal = sigset_t()
    var before = sigset_t()
    sigfillset(&everySignal)
    pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 1 << 20)

    let context = Unmanaged.passRetained(start)
    var thread = pthread_t()
    let result = pthread_create(&thread, &attributes, TransferLoop.main, context.toOpaque())
    guard result == 0 else {
      context.release()
      let reason = String(cString: strerror(result))
      throw TransportError(.connect, "cannot start a thread: \(reason)", progress: .nothingSent)
    }
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
      TransferLoop.refuse(start.mailbox.drain().commands)
      close(start.descriptors.epoll)
      close(start.descriptors.wakeup)
    }
    return nil
  }

  private func run() {
    var wakeup = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: self.descriptors.wakeup))
    epoll_ctl(self.descriptors.epoll, EPOLL_CTL_ADD, self.descriptors.wakeup, &wakeup)
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    var isRunning = true
    while isRunning {
      let count = epoll_wait(self.descriptors.epoll, &events, Int32(events.count), self.waitMilliseconds())
      for event in events.prefix(Int(max(count, 0))) {
        if event.data.fd == self.descriptors.wakeup {
          var value: eventfd_t = 0
          eventfd_read(self.descriptors.wakeup, &value)
        } else {
          self.act(on: event)
        }
      }
      self.fireCurlTimer()
      isRunning = self.takeCommands()
      self.finishTransfers()
      self.checkDeadlines()
    }
    for waiting in self.waiting.values { waiting.exchange.finish(Mailbox.closedError(.nothingSent)) }
    self.waiting = [:]
    for transfer in self.transfers.values { self.finish(transfer, Mailbox.closedError(transfer.progress)) }
  }

  // MARK: Commands

  private func takeCommands() -> Bool {
    let (commands, isClosed) = self.mailbox.drain()
    guard !isClosed else {
      Self.refuse(commands)
      return false
    }
    for command in commands {
      switch command {
      case .begin(let request, let exchange): self.begin(request, exchange)
      case .resume(let exchange):
        guard let transfer = self.transfers[ObjectIdentifier(exchange)] else { continue }
        transfer.resume()
        self.expect(transfer.deadline.next)
      case .end(let exchange):
        self.waiting[ObjectIdentifier(exchange)] = nil
        if let transfer = self.transfers[ObjectIdentifier(exchange)] { self.finish(transfer, CancellationError()) }
      }
    }
    return true
  }

  private static func refuse(_ commands: [Mailbox.Command]) {
    for case .begin(_, let exchange) in commands { exchange.finish(Mailbox.closedError(.nothingSent)) }
  }

  private func begin(_ request: PreparedRequest, _ exchange: Exchange) {
    let deadline = TransferDeadline(total: request.limits.total, idle: request.limits.idle, now: self.clock.now)
    guard let limit = request.concurrency else { return self.start(request, exchange, deadline) }
    switch self.queue.begin(exchange, at: request.endpoint, limit: limit) {
    case .start: self.start(request, exchange, deadline)
    case .wait:
      self.waiting[ObjectIdentifier(exchange)] = Waiting(request: request, exchange: exchange, deadline: deadline)
      self.expect(deadline.next)
    case .refuse:
      exchange.finish(
        TransportError(.refused, "too many requests wait for this endpoint already", progress: .nothingSent))
    }
  }

  private func start(
    _ request: PreparedRequest, _ exchange: Exchange, _ deadline: TransferDeadline<ContinuousClock.Instant>
  ) {
    guard let transfer = self.idle.take(request.shape) ?? Transfer(request.shape, self.common) else {
      return self.finish(request, exchange, Self.noMemory)
    }
    transfer.prepare(request, exchange, deadline)
    guard curl_multi_add_handle(self.multi, transfer.handle) == CURLM_OK else {
      return self.finish(request, exchange, Self.noMemory)
    }
    self.transfers[ObjectIdentifier(exchange)] = transfer
    self.expect(deadline.next)
  }

  private static let noMemory = TransportError(
    .connect, "there is no memory for a transfer", progress: .nothingSent)

  /// Takes the transfer away from libcurl, which closes its connection unless the answer was complete.
  private func finish(_ transfer: Transfer, _ error: (any Error)?) {
    curl_multi_remove_handle(self.multi, transfer.handle)
    guard let request = transfer.request, let exchange = transfer.exchange else { return }
    self.transfers[ObjectIdentifier(exchange)] = nil
    transfer.clear()
    if error == nil { self.idle.put(transfer) }
    self.sweep?.expect(now: self.clock.now)
    self.finish(request, exchange, error)
  }

  /// Tells the task, and gives the place of its exchange to the next that waits for it.
  private func finish(_ request: PreparedRequest, _ exchange: Exchange, _ error: (any Error)?) {
    exchange.finish(error)
    guard request.concurrency != nil else { return }
    let next = self.queue.end(request.endpoint) { self.waiting[ObjectIdentifier($0)] != nil }
    guard let next, let waiting = self.waiting.removeValue(forKey: ObjectIdentifier(next)) else { return }
    self.start(waiting.request, waiting.exchange, waiting.deadline)
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
    var next = self.curlTimer
    for moment in [self.nextDeadline, self.sweep?.next] {
      if let moment { next = next.map { min($0, moment) } ?? moment }
    }
    guard let next else { return -1 }
    let wait = self.clock.now.duration(to: next)
    return wait <= .zero ? 0 : Int32(wait.milliseconds)
  }

  private func fireCurlTimer() {
    guard let timer = self.curlTimer, timer <= self.clock.now else { return }
    self.curlTimer = nil
    var running: Int32 = 0
    curl_multi_socket_action(self.multi, CURL_SOCKET_TIMEOUT, 0, &running)
  }

  private func expect(_ deadline: ContinuousClock.Instant?) {
    guard let deadline else { return }
    self.nextDeadline = self.nextDeadline.map { min($0, deadline) } ?? deadline
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
      Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue().watch(socket, interest)
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

  /// Does what libcurl asks: listen to a socket, or forget it.
  private func watch(_ socket: curl_socket_t, _ interest: Int32) {
    guard interest != CURL_POLL_REMOVE else {
      epoll_ctl(self.descriptors.epoll, EPOLL_CTL_DEL, socket, nil)
      return
    }
    var events: UInt32 = 0
    if interest & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
    if interest & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
    var event = epoll_event(events: events, data: epoll_data_t(fd: socket))
    if epoll_ctl(self.descriptors.epoll, EPOLL_CTL_MOD, socket, &event) != 0, errno == ENOENT {
      epoll_ctl(self.descriptors.epoll, EPOLL_CTL_ADD, socket, &event)
    }
  }

  private func act(on event: epoll_event) {
    var ready: Int32 = 0
    if event.events & (EPOLLIN.rawValue | EPOLLHUP.rawValue) != 0 { ready |= CURL_CSELECT_IN }
    if event.events & EPOLLOUT.rawValue != 0 { ready |= CURL_CSELECT_OUT }
    if event.events & EPOLLERR.rawValue != 0 { ready |= CURL_CSELECT_ERR }
    var running: Int32 = 0
    curl_multi_socket_action(self.multi, event.data.fd, ready, &running)
  }
}
