import HTTPTypes
import NIOCore

/// From the upstream server to the client.
extension Relay {
  /// Takes what has come from the upstream server as far as it can be used now.
  mutating func advanceResponse() {
    while true {
      switch self.response {
      case .none:
        // Nobody has asked for this.
        if self.upstreamInput.readableBytes > 0 { self.closeUpstream() }
        return
      case .head(var scanner):
        guard self.upstreamInput.readableBytes > 0 else { return }
        self.exchange?.replay = nil
        do throws(MessageError) {
          let bytes = try scanner.next(&self.upstreamInput, limit: RelayRules.responseHeadBytes)
          self.response = .head(scanner)
          guard let bytes else { return }
          let head = try ResponseHead(parsing: bytes)
          try self.take(head)
        } catch {
          return self.fail(.invalid)
        }
      case .body(var decoder, let encoder):
        do throws(MessageError) {
          guard let part = try decoder.next(&self.upstreamInput) else {
            self.response = .body(decoder, encoder)
            return
          }
          self.response = .body(decoder, encoder)
          for bytes in encoder.encode(part) { self.actions.append(.toClient(bytes)) }
          if case .end = part { self.finishResponse() }
        } catch {
          return self.fail(.invalid)
        }
      case .tunnel:
        guard self.upstreamInput.readableBytes > 0 else { return }
        self.actions.append(.toClient(self.upstreamInput))
        self.upstreamInput = ByteBuffer()
        return
      }
    }
  }

  private mutating func take(_ head: ResponseHead) throws(MessageError) {
    guard var exchange = self.exchange else { return }
    if head.status == 101 { return try self.change(head, exchange) }
    if head.status < 200 {
      // HTTP/1.0 knows no answers before the answer.
      guard exchange.minorVersion == 1 else { return }
      let fields = ForwardedFields.client(head, encoder: .nothing, closes: false)
      self.actions.append(.toClient(MessageWriter.response(head.status, head.reason, fields)))
      return
    }
    let plan = try ResponsePlan(head, answersHead: exchange.isHead)
    let encoder: BodyEncoder =
      switch plan.body {
      case .none: .nothing
      case .counted: .plain
      case .chunked, .untilClose: exchange.minorVersion == 1 ? .chunked : .plain
      }
    let isUnframed = encoder == .plain && (plan.body == .chunked || plan.body == .untilClose)
    let isRequestSent = if case .sent = self.request { true } else { false }
    exchange.endsWithConnection = !exchange.keepsAlive || isUnframed || !isRequestSent || self.isStopping
    exchange.keepsUpstream = plan.keepsAlive && isRequestSent
    exchange.isAnswered = true
    self.exchange = exchange
    self.phaseDeadline = nil
    let fields = ForwardedFields.client(head, encoder: encoder, closes: exchange.endsWithConnection)
    self.actions.append(.answered(head.status))
    self.actions.append(.toClient(MessageWriter.response(head.status, head.reason, fields)))
    self.response = .body(BodyDecoder(plan.body, trailerLimit: RelayRules.responseHeadBytes), encoder)
  }

  /// Both sides become pipes.
  private mutating func change(_ head: ResponseHead, _ exchange: Exchange) throws(MessageError) {
    guard exchange.upgrades else { throw .malformed("a change of protocol that nobody asked for") }
    let fields = ForwardedFields.client(head, encoder: .nothing, closes: false)
    self.actions.append(.answered(head.status))
    self.actions.append(.toClient(MessageWriter.response(head.status, head.reason, fields)))
    self.exchange = nil
    self.phaseDeadline = nil
    self.leavingDeadline = nil
    self.request = .tunnel
    self.response = .tunnel
    self.advanceRequest()
    if self.hasClientEnded { self.actions.append(.finishUpstream) }
    if self.isStopping { self.end([.closeUpstream, .closeClient]) }
  }

  private mutating func finishResponse() {
    self.response = .none
    if case .sent = self.request { return self.finishExchange() }
    // An answer before the request's end: the rest of it serves nobody.
    self.linger()
  }

  mutating func upstreamEnded() {
    self.hasUpstreamEnded = true
    switch self.response {
    case .none: self.closeUpstream()
    case .head: self.lost()
    case .body(let decoder, let encoder):
      guard decoder.endsWithConnection else { return self.fail(.closed) }
      for bytes in encoder.encode(.end([:])) { self.actions.append(.toClient(bytes)) }
      self.finishResponse()
    case .tunnel:
      if self.hasClientEnded {
        self.end([.closeUpstream, .closeClient])
      } else {
        self.actions.append(.finishClient)
      }
    }
  }

  mutating func upstreamGone() {
    guard self.upstream != .closed else { return }
    self.upstream = .closed
    switch self.response {
    case .none: ()
    case .head: self.lost()
    case .body: self.fail(.closed)
    case .tunnel: self.end([.closeClient])
    }
  }

  /// The connection has closed over a request; one that had been idle may have been closing as the request went out.
  private mutating func lost() {
    guard self.isUpstreamUsed, let replay = self.exchange?.replay else { return self.fail(.closed) }
    self.closeUpstream()
    self.exchange?.replay = nil
    self.response = .none
    self.phaseDeadline = nil
    self.connect(replay)
  }

  /// Says so to the client, if it is not too late.
  mutating func fail(_ failure: UpstreamFailure) {
    self.actions.append(.upstreamFailed(failure))
    // After a request without a body the client's connection is as good as before.
    let keepsAlive: Bool =
      switch self.request {
      case .sent: self.exchange?.keepsAlive ?? false
      case .connecting(let outgoing): outgoing.body.isEmpty && (self.exchange?.keepsAlive ?? false)
      default: false
      }
    self.closeUpstream()
    let refusal: Refusal =
      switch failure {
      case .refused: .badGateway("the game server takes no connections")
      case .timeout: .gatewayTimeout("the game server does not answer in time")
      case .closed: .badGateway("the game server closed the connection without an answer")
      case .invalid: .badGateway("the game server's answer is not HTTP/1.1")
      }
    self.refuse(refusal, keepsAlive: keepsAlive)
    guard case .over = self.request else { return self.resume() }
  }

  /// Back to reading heads, where a failure has not ended the connection.
  private mutating func resume() {
    if case .lingering = self.request { return }
    self.response = .none
    self.exchange = nil
    self.phaseDeadline = nil
    self.request = .head
  }
}
