import HTTPTransport
import Logging
import NIOCore
import NIOPosix
import ServerSupport

/// Does what one relay wants done, on the event loop of its client's channel.
///
/// Both channels live on that loop. Neither reads by itself: after each event the relay says which is to be read.
final class RelayDriver {
  private let context: ProxyContext
  private let client: any Channel
  private var relay: Relay
  private var upstream: (any Channel)?
  /// The attempt to connect that counts; an older one's channel is closed as it comes.
  private var attempt = 0
  private var isReadingClient = false
  private var isReadingUpstream = false
  private var isHandling = false
  private var waiting: [RelayEvent] = []
  private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?
  private var closing: Scheduled<Void>?

  init(_ context: ProxyContext, client: any Channel) {
    let configuration = context.configuration
    self.context = context
    self.client = client
    self.relay = Relay(
      RelayRules(
        limits: configuration.limits, realm: configuration.realm, queryParameter: configuration.queryParameter,
        trustsForwarded: configuration.trustsForwarded, peer: Peer(client).address ?? "unknown",
        isValid: { context.tokens.contains($0) }))
  }

  func opened() {
    self.handle(.opened)
  }

  func clientReadEnded() {
    self.isReadingClient = false
    self.read()
  }

  func upstreamReadEnded(_ channel: any Channel) {
    guard self.upstream === channel else { return }
    self.isReadingUpstream = false
    self.read()
  }

  func clientGone() {
    self.handle(.clientGone)
    self.timer?.task.cancel()
    self.closing?.cancel()
    self.timer = nil
  }

  /// Events of a channel that the relay has given up are nobody's.
  func handle(_ event: RelayEvent, from channel: any Channel) {
    guard self.upstream === channel else { return }
    self.handle(event)
  }

  /// Tells the relay, and does what it wants.
  ///
  /// Doing so can bring the next event about before it returns, as when a write makes a channel unwritable: that one
  /// waits for its turn.
  func handle(_ event: RelayEvent) {
    self.waiting.append(event)
    guard !self.isHandling else { return }
    self.isHandling = true
    while !self.waiting.isEmpty {
      let actions = self.relay.handle(self.waiting.removeFirst(), at: .now())
      for action in actions { self.perform(action) }
      if !actions.isEmpty {
        self.client.flush()
        self.upstream?.flush()
      }
      // Another request may have come with the one before.
      if self.waiting.isEmpty, !actions.isEmpty { self.waiting.append(.clientWritable(self.client.isWritable)) }
    }
    self.isHandling = false
    self.read()
    self.setTimer()
  }

  private func read() {
    guard !self.isHandling else { return }
    if self.relay.wantsClientBytes, !self.isReadingClient {
      self.isReadingClient = true
      self.client.read()
    }
    if self.relay.wantsUpstreamBytes, !self.isReadingUpstream, let upstream = self.upstream {
      self.isReadingUpstream = true
      upstream.read()
    }
  }

  private func setTimer() {
    guard let deadline = self.relay.deadline else {
      self.timer?.task.cancel()
      self.timer = nil
      return
    }
    // One that is too early finds nothing to do and is set again, which is cheaper than setting it with every byte.
    if let timer = self.timer, timer.deadline <= deadline { return }
    self.timer?.task.cancel()
    let task = self.client.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.timer = nil
      self.handle(.timePassed)
    }
    self.timer = (deadline, task)
  }

  private func perform(_ action: RelayAction) {
    switch action {
    case .connect: self.connect()
    case .toUpstream(let bytes): self.upstream?.write(bytes, promise: nil)
    case .toClient(let bytes): self.client.write(bytes, promise: nil)
    case .finishUpstream:
      self.upstream?.flush()
      self.upstream?.close(mode: .output, promise: nil)
    case .finishClient:
      self.client.flush()
      self.client.close(mode: .output, promise: nil)
    case .closeUpstream:
      self.attempt += 1
      let upstream = self.upstream
      self.upstream = nil
      upstream?.close(promise: nil)
    case .closeClient: self.closeClient()
    case .abortClient: self.client.close(promise: nil)
    case .answered(let status):
      self.context.metrics.answered(status)
      self.context.logger.debug(
        "Request answered",
        metadata: ["http.status": "\(status)", "client.address": "\(self.relay.rules.peer)"])
    case .refused(let reason):
      self.context.metrics.refused(reason)
      self.context.logger.debug(
        "Request refused",
        metadata: ["refusal.reason": "\(reason.rawValue)", "client.address": "\(self.relay.rules.peer)"])
    case .upstreamFailed(let failure):
      self.context.metrics.failed(failure)
      self.context.logger.debug("Upstream server failed", metadata: ["failure.reason": "\(failure.rawValue)"])
    }
  }

  /// Closes once everything is written, or when the client takes too long to read it.
  private func closeClient() {
    let client = self.client
    self.closing = client.eventLoop.scheduleTask(in: TimeAmount(self.context.configuration.limits.idle)) {
      client.close(promise: nil)
    }
    client.writeAndFlush(ByteBuffer()).whenComplete { _ in client.close(promise: nil) }
  }

  private func connect() {
    self.attempt += 1
    self.isReadingUpstream = false
    let attempt = self.attempt
    let address = self.context.configuration.upstream
    ClientBootstrap(group: self.client.eventLoop)
      .connectTimeout(TimeAmount(self.context.configuration.limits.connect))
      .channelOption(.autoRead, value: false)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: address.host, port: address.port)
      .assumeIsolated()
      .whenComplete { self.connected($0, attempt: attempt) }
  }

  private func connected(_ result: Result<any Channel, any Error>, attempt: Int) {
    guard attempt == self.attempt else {
      // The relay wants this one no more.
      if case .success(let channel) = result { channel.close(promise: nil) }
      return
    }
    do {
      let channel = try result.get()
      try channel.pipeline.syncOperations.addHandler(UpstreamHandler(self))
      self.upstream = channel
      self.handle(.upstreamOpened)
    } catch ChannelError.connectTimeout {
      self.handle(.upstreamRefused(.timeout))
    } catch let error as NIOConnectionError {
      let isSlow = error.connectionErrors.contains {
        if case ChannelError.connectTimeout = $0.error { true } else { false }
      }
      self.handle(.upstreamRefused(isSlow ? .timeout : .refused))
    } catch {
      self.handle(.upstreamRefused(.refused))
    }
  }
}
