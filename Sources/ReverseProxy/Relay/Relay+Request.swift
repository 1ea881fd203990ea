import HTTPTypes
import NIOCore

/// From the client to the upstream server.
extension Relay {
  /// Takes what has come from the client as far as it can be used now.
  mutating func advanceRequest() {
    switch self.request {
    case .head:
      // An answer at a time: a client that sends requests and reads no answers is not read on.
      guard self.isClientWritable, self.input.readableBytes > 0 else { return }
      if self.phaseDeadline == nil { self.phaseDeadline = self.now + TimeAmount(self.rules.limits.head) }
      do throws(MessageError) {
        let bytes = try self.scanner.next(&self.input, limit: self.rules.limits.headerBytes)
        guard let bytes else { return }
        self.phaseDeadline = nil
        self.begin(try RequestHead(parsing: bytes))
      } catch {
        self.refuse(Refusal(error))
      }
    case .body: self.passBody()
    case .tunnel:
      guard self.input.readableBytes > 0 else { return }
      self.actions.append(.toUpstream(self.input))
      self.input = ByteBuffer()
    case .lingering(let dropped):
      let count = dropped + self.input.readableBytes
      self.input = ByteBuffer()
      self.request = .lingering(dropped: count)
      if count > RelayRules.lingeringBytes { self.end([.closeUpstream, .abortClient]) }
    case .connecting, .sent, .over: ()
    }
  }

  private mutating func begin(_ head: RequestHead) {
    let isHead = head.method == "HEAD"
    let plan: RequestPlan
    do throws(Refusal) {
      plan = try RequestPlan(head)
    } catch {
      return self.refuse(error, isHead: isHead)
    }
    let rule = AdmissionRule(queryParameter: self.rules.queryParameter)
    let admission = rule.decide(head.fields, target: plan.target, isValid: self.rules.isValid)
    if let refusal = self.rules.refusal(admission) {
      return self.refuse(refusal, isHead: isHead, keepsAlive: plan.keepsAlive && plan.body.isEmpty)
    }
    if case .counted(let count) = plan.body, self.exceedsBodyLimit(count) {
      return self.refuse(.bodyTooLarge, isHead: isHead)
    }
    guard case .admitted(let target) = admission else { return }
    let fields = ForwardedFields.upstream(
      .init(head: head, plan: plan, peer: self.rules.peer, trustsForwarded: self.rules.trustsForwarded))
    let outgoing = Outgoing(head: MessageWriter.request(head.method, target, fields), body: plan.body)
    let isRepeatable = plan.body.isEmpty && ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(head.method)
    self.exchange = Exchange(
      isHead: isHead, minorVersion: head.minorVersion, keepsAlive: plan.keepsAlive, upgrades: plan.upgrade != nil,
      replay: isRepeatable ? outgoing : nil)
    if self.upstream == .open {
      self.send(outgoing)
    } else {
      self.connect(outgoing)
    }
  }

  mutating func connect(_ outgoing: Outgoing) {
    self.request = .connecting(outgoing)
    self.upstream = .connecting
    self.isUpstreamUsed = false
    self.isUpstreamWritable = true
    self.hasUpstreamEnded = false
    self.upstreamInput = ByteBuffer()
    self.actions.append(.connect)
  }

  mutating func upstreamOpened() {
    guard case .connecting(let outgoing) = self.request else { return self.closeUpstream() }
    self.lastActivity = self.now
    self.upstream = .open
    self.send(outgoing)
  }

  private mutating func send(_ outgoing: Outgoing) {
    self.actions.append(.toUpstream(outgoing.head))
    self.response = .head(HeadScanner())
    guard !outgoing.body.isEmpty else { return self.finishRequest() }
    self.request = .body(
      BodyDecoder(outgoing.body, trailerLimit: self.rules.limits.headerBytes),
      outgoing.body == .chunked ? .chunked : .plain)
    self.passBody()
  }

  private mutating func passBody() {
    guard case .body(var decoder, let encoder) = self.request else { return }
    do throws(MessageError) {
      while let part = try decoder.next(&self.input) {
        if case .bytes(let bytes) = part {
          let count = (self.exchange?.bodyCount ?? 0) + bytes.readableBytes
          self.exchange?.bodyCount = count
          if self.exceedsBodyLimit(count) { return self.refuse(.bodyTooLarge) }
        }
        for bytes in encoder.encode(part) { self.actions.append(.toUpstream(bytes)) }
        if case .end = part { return self.finishRequest() }
      }
      self.request = .body(decoder, encoder)
    } catch {
      self.refuse(Refusal(error))
    }
  }

  private mutating func finishRequest() {
    self.request = .sent
    switch self.response {
    case .head: self.phaseDeadline = self.now + TimeAmount(self.rules.limits.response)
    case .none: self.finishExchange()
    case .body, .tunnel: ()
    }
  }

  private func exceedsBodyLimit(_ count: Int) -> Bool {
    self.rules.limits.bodyBytes > 0 && count > self.rules.limits.bodyBytes
  }

  /// Both the request and the response have ended.
  mutating func finishExchange() {
    let exchange = self.exchange
    self.exchange = nil
    self.phaseDeadline = nil
    if exchange?.keepsUpstream == true, self.upstream == .open, !self.hasUpstreamEnded {
      self.isUpstreamUsed = true
    } else {
      self.closeUpstream()
    }
    guard exchange?.endsWithConnection == false, !self.isStopping, !self.hasClientEnded else { return self.linger() }
    self.request = .head
    self.scanner = HeadScanner()
  }

  /// Ends the client's connection behind an answer.
  mutating func linger() {
    self.closeUpstream()
    self.response = .none
    self.exchange = nil
    guard !self.hasClientEnded else { return self.end([.closeClient]) }
    // What the client still sends is read for a while: closing over unread bytes would reset the connection, and the
    // answer could be lost.
    self.request = .lingering(dropped: self.input.readableBytes)
    self.input = ByteBuffer()
    self.phaseDeadline = nil
    self.actions.append(.finishClient)
  }

  /// Answers in the upstream server's place, or cuts the connection where its answer has begun.
  ///
  /// - Parameter keepsAlive: whether the request has been read to its end.
  mutating func refuse(_ refusal: Refusal, isHead: Bool? = nil, keepsAlive: Bool = false) {
    guard self.exchange?.isAnswered != true else { return self.end([.closeUpstream, .abortClient]) }
    let withoutBody = isHead ?? self.exchange?.isHead ?? false
    let closes = !keepsAlive || self.isStopping || self.hasClientEnded
    self.actions.append(.refused(refusal.reason))
    self.actions.append(.answered(refusal.status.code))
    self.actions.append(.toClient(refusal.response(withoutBody: withoutBody, closes: closes)))
    guard closes else {
      self.scanner = HeadScanner()
      return
    }
    self.linger()
  }

  mutating func clientEnded() {
    self.hasClientEnded = true
    switch self.request {
    case .head, .lingering: self.end([.closeUpstream, .closeClient])
    case .body: self.end([.closeUpstream, .abortClient])
    case .connecting, .sent: self.leavingDeadline = self.now + RelayRules.leaving
    case .tunnel:
      if self.hasUpstreamEnded {
        self.end([.closeUpstream, .closeClient])
      } else {
        self.actions.append(.finishUpstream)
      }
    case .over: ()
    }
  }
}
