import CCurl
import CCurlShims
import HTTPTransport

/// One exchange on the loop's thread: libcurl's handle and what its callbacks work on.
///
/// Never leaves the thread.
final class Transfer {
  let exchange: Exchange
  let handle: UnsafeMutableRawPointer
  var deadline: TransferDeadline<ContinuousClock.Instant>
  private let request: PreparedRequest
  private let errorBuffer: UnsafeMutablePointer<CChar>
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var connectTo: UnsafeMutablePointer<curl_slist>?
  private var parser: ResponseHeadParser
  private var bodyOffset = 0
  /// Why a callback of ours ended the transfer.
  private var failure: TransportError?

  /// Makes a handle that is ready to be added to a multi handle; nil if libcurl has no memory for it.
  init?(_ request: PreparedRequest, exchange: Exchange, configuration: CurlHTTPTransport.Configuration) {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.request = request
    self.exchange = exchange
    self.parser = ResponseHeadParser(limit: configuration.headBytes)
    self.deadline = TransferDeadline(total: request.limits.total, idle: request.limits.idle, now: .now)
    self.errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    self.errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    for line in request.headerLines { self.headers = curl_slist_append(self.headers, line) ?? self.headers }
    if let target = request.connectTo { self.connectTo = curl_slist_append(nil, target) }
    let options = EasyOptions(handle: handle)
    options.set(request)
    options.set(configuration)
    curl_shim_set_list(handle, CURLOPT_HTTPHEADER, self.headers)
    if let connectTo = self.connectTo { curl_shim_set_list(handle, CURLOPT_CONNECT_TO, connectTo) }
    curl_shim_set_pointer(handle, CURLOPT_ERRORBUFFER, self.errorBuffer)
    let context = Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA] {
      curl_shim_set_pointer(handle, option, context)
    }
    self.setCallbacks()
  }

  /// The handle must have been removed from its multi handle.
  deinit {
    curl_easy_cleanup(self.handle)
    curl_slist_free_all(self.headers)
    curl_slist_free_all(self.connectTo)
    self.errorBuffer.deallocate()
  }

  /// The transfer that a libcurl handle belongs to.
  static func of(_ handle: UnsafeMutableRawPointer) -> Transfer? {
    var context: UnsafeMutablePointer<CChar>?
    curl_shim_get_pointer(handle, CURLINFO_PRIVATE, &context)
    return context.map { Transfer.from(UnsafeMutableRawPointer($0)) }
  }

  /// How far the exchange has come.
  var progress: TransportError.Progress {
    if self.parser.hasBegun { return .answerBegun }
    var sent = 0
    curl_shim_get_long(self.handle, CURLINFO_REQUEST_SIZE, &sent)
    return sent == 0 ? .nothingSent : .noAnswer
  }

  /// The error that `result` stands for; nil for success.
  func error(for result: CURLcode) -> TransportError? {
    if let failure = self.failure { return failure }
    if result == CURLE_OK {
      return self.parser.isComplete
        ? nil : TransportError(.malformedResponse, "the answer has no head", progress: self.progress)
    }
    return TransportError(result, detail: String(cString: self.errorBuffer), progress: self.progress)
  }

  /// The error that a passed limit stands for.
  func error(for passed: TransferDeadline<ContinuousClock.Instant>.Passed) -> TransportError {
    switch passed {
    case .total(let limit): TransportError(.timeout, "no complete answer within \(limit)", progress: self.progress)
    case .idle(let limit): TransportError(.timeout, "not a byte for \(limit)", progress: self.progress)
    }
  }

  /// Lets a held-back body flow again.
  func resume() {
    self.deadline.resume(now: .now)
    curl_easy_pause(self.handle, CURLPAUSE_CONT)
  }
}

extension Transfer {
  private static func from(_ context: UnsafeMutableRawPointer) -> Transfer {
    Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  }

  private func setCallbacks() {
    curl_shim_set_write_function(self.handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      return Transfer.from(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    curl_shim_set_write_function(self.handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      return Transfer.from(context).receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    curl_shim_set_read_function(self.handle) { bytes, size, count, context in
      guard let context else { return Int(CURL_READFUNC_ABORT) }
      return Transfer.from(context).sendBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
    guard self.request.upload != .once else { return }
    curl_shim_set_seek_function(self.handle) { context, offset, origin in
      guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
      return Transfer.from(context).seekBody(to: Int(offset))
    }
  }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    self.deadline.sawBytes(now: .now)
    switch self.parser.receive(bytes) {
    case .none: ()
    case .head(let head): self.exchange.receive(head: head)
    case .tooLarge:
      self.failure = TransportError(.tooLarge, "the head of the answer is too large", progress: .answerBegun)
      return 0
    case .malformed:
      self.failure = TransportError(.malformedResponse, "the answer does not begin as HTTP", progress: .answerBegun)
      return 0
    }
    return bytes.count
  }

  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    self.deadline.sawBytes(now: .now)
    switch self.exchange.receive(bytes) {
    case .accepted: return bytes.count
    case .abandoned: return 0
    case .holdBack:
      self.deadline.holdBack()
      return Int(CURL_WRITEFUNC_PAUSE)
    }
  }

  private func sendBody(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    self.deadline.sawBytes(now: .now)
    let count = min(buffer.count, self.request.body.count - self.bodyOffset)
    buffer.copyBytes(from: self.request.body[self.bodyOffset..<self.bodyOffset + count])
    self.bodyOffset += count
    return count
  }

  private func seekBody(to offset: Int) -> Int32 {
    guard (0...self.request.body.count).contains(offset) else { return CURL_SEEKFUNC_FAIL }
    self.bodyOffset = offset
    return CURL_SEEKFUNC_OK
  }
}
