import CCurl
import CCurlShims
import Glibc
import HTTPTransport

/// libcurl's handle and what its callbacks work on: one exchange after another, all of one shape.
///
/// Never leaves the loop's thread. Setting a handle up costs more than a request, so a handle that has come to a good end
/// waits for the next request of its shape.
final class Transfer {
  let shape: PreparedRequest.Shape
  let handle: UnsafeMutableRawPointer
  /// The exchange that runs; nil while the handle waits.
  private(set) var exchange: Exchange?
  var deadline = TransferDeadline<ContinuousClock.Instant>(total: nil, idle: nil, now: .now)
  private let sockets: SocketWatch
  private let headLimit: Int
  private let fields: FieldCache
  private let errorBuffer: UnsafeMutablePointer<CChar>
  private var headers = HeaderList()
  private var connectTo: UnsafeMutablePointer<curl_slist>?
  private var url = ""
  private var body: UnsafeMutableRawBufferPointer?
  private var parser: ResponseHeadParser
  /// How often libcurl has begun to send the request.
  private var attempts = 0
  /// Why a callback of ours ended the transfer.
  private var failure: TransportError?
  /// The last address that was found to lie in none of the ranges, as libcurl prints it.
  private var allowed: (address: [CChar], ranges: [NetworkRange]) = ([0], [])
  /// The last address that a connection must not lead to.
  private var refusedAddress: NetworkAddress?

  /// What all transfers of a loop share.
  struct Common {
    var configuration: CurlHTTPTransport.Configuration
    var sockets: SocketWatch
    let fields = FieldCache()
    var share: UnsafeMutableRawPointer?
  }

  /// Makes a handle for requests of `shape`; nil if libcurl has no memory for it.
  init?(_ shape: PreparedRequest.Shape, _ common: Common) {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.shape = shape
    self.sockets = common.sockets
    self.headLimit = common.configuration.headBytes
    self.fields = common.fields
    self.parser = ResponseHeadParser(limit: self.headLimit, cache: common.fields)
    self.errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    self.errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    let options = EasyOptions(handle: handle)
    options.set(shape)
    options.set(common.configuration, common.sockets)
    if let share = common.share { curl_shim_set_pointer(handle, CURLOPT_SHARE, share) }
    curl_shim_set_pointer(handle, CURLOPT_ERRORBUFFER, self.errorBuffer)
    let context = Unmanaged.passUnretained(self).toOpaque()
    for option in [
      CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA, CURLOPT_OPENSOCKETDATA,
    ] {
      curl_shim_set_pointer(handle, option, context)
    }
    self.setCallbacks()
  }

  /// The handle must have been removed from its multi handle.
  deinit {
    curl_easy_cleanup(self.handle)
    curl_slist_free_all(self.connectTo)
    self.body?.deallocate()
    self.errorBuffer.deallocate()
  }

  /// Takes up an exchange of the handle's shape; the handle can be added to a multi handle then.
  func prepare(_ exchange: Exchange, _ deadline: TransferDeadline<ContinuousClock.Instant>) {
    let request = exchange.request
    self.exchange = exchange
    self.deadline = deadline
    self.parser = ResponseHeadParser(limit: self.headLimit, cache: self.fields)
    self.attempts = 0
    self.failure = nil
    self.refusedAddress = nil
    self.errorBuffer[0] = 0
    if self.url != request.url {
      self.url = request.url
      curl_shim_set_string(self.handle, CURLOPT_URL, request.url)
    }
    curl_shim_set_long(self.handle, CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect.milliseconds)
    self.setHeaders(request)
    if self.shape.upload == .once || self.shape.upload == .repeatable { self.setBody(request.body) }
  }

  /// Lets go of the exchange; the handle must have been removed from its multi handle.
  func clear() {
    self.exchange = nil
  }

  private func setHeaders(_ request: PreparedRequest) {
    curl_shim_set_list(self.handle, CURLOPT_HTTPHEADER, self.headers.set(request.headerLines))
    guard request.connectTo != nil || self.connectTo != nil else { return }
    curl_slist_free_all(self.connectTo)
    self.connectTo = request.connectTo.flatMap { curl_slist_append(nil, $0) }
    curl_shim_set_list(self.handle, CURLOPT_CONNECT_TO, self.connectTo)
  }

  private func setBody(_ bytes: [UInt8]) {
    if self.body.map({ $0.count < bytes.count || $0.count > 1 << 20 }) ?? true {
      self.body?.deallocate()
      self.body = .allocate(byteCount: max(bytes.count, 512), alignment: 1)
    }
    self.body?.copyBytes(from: bytes)
    curl_shim_set_pointer(self.handle, CURLOPT_POSTFIELDS, self.body?.baseAddress)
    curl_shim_set_offset(self.handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
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
    if result == CURLE_COULDNT_CONNECT, let refusedAddress { return Self.refused(refusedAddress) }
    return TransportError(result, detail: String(cString: self.errorBuffer), progress: self.progress)
  }

  /// The error that a passed limit stands for.
  func error(for passed: TransferDeadline<ContinuousClock.Instant>.Passed) -> TransportError {
    switch passed {
    case .total where self.progress == .nothingSent:
      // What was left of a deadline differs from time to time; equal failures have equal messages.
      TransportError(.timeout, "no connection was made in time", progress: .nothingSent)
    case .total(let limit): TransportError(.timeout, "no complete answer within \(limit)", progress: self.progress)
    case .idle(let limit): TransportError(.timeout, "not a byte for \(limit)", progress: self.progress)
    }
  }

  /// Lets a held-back body flow again.
  func resume() {
    self.deadline.resume(now: .now)
    curl_easy_pause(self.handle, CURLPAUSE_CONT)
  }

  private static func refused(_ address: NetworkAddress) -> TransportError {
    TransportError(.refused, "\(address) is an address that must not be asked", progress: .nothingSent)
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
    curl_shim_set_prerequest_function(self.handle) { context, address, _, _, _ in
      guard let context else { return CURL_PREREQFUNC_ABORT }
      return Transfer.from(context).mayAsk(address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
    curl_shim_set_open_socket_function(self.handle) { context, _, address in
      guard let context, let address else { return CURL_SOCKET_BAD }
      return Transfer.from(context).open(address)
    }
  }

  /// Decides whether a socket to this address is opened, now that the name has been resolved.
  private func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    if let found = NetworkAddress(address), self.isRefused(found) {
      self.refusedAddress = found
      return CURL_SOCKET_BAD
    }
    return self.sockets.open(address.pointee)
  }

  /// Decides whether the request is sent on the connection that libcurl has found or made for it.
  private func mayAsk(_ address: UnsafePointer<CChar>?) -> Bool {
    self.attempts += 1
    // A connection that was kept had turned out to be dead, and libcurl would send the request once more.
    if self.attempts > 1, self.shape.upload == .once {
      self.failure = TransportError(
        .connectionBroken, "the connection broke before an answer", progress: .noAnswer)
      return false
    }
    // The connection may have been opened for somebody who may ask there.
    guard let ranges = self.exchange?.request.refusedRanges, !ranges.isEmpty, self.shape.security.proxy == nil,
      let address
    else { return true }
    // A handle mostly asks the same address again.
    if strcmp(address, self.allowed.address) == 0, self.allowed.ranges == ranges { return true }
    if let found = NetworkAddress(printed: address), self.isRefused(found) {
      self.failure = Self.refused(found)
      return false
    }
    self.allowed = (Array(UnsafeBufferPointer(start: address, count: strlen(address) + 1)), ranges)
    return true
  }

  private func isRefused(_ address: NetworkAddress) -> Bool {
    self.exchange?.request.refusedRanges.contains { $0.contains(address) } ?? false
  }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    if self.deadline.countsSilence { self.deadline.sawBytes(now: .now) }
    switch self.parser.receive(bytes) {
    case .none: ()
    case .head(let head): self.exchange?.receive(head: head)
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
    if self.deadline.countsSilence { self.deadline.sawBytes(now: .now) }
    switch self.exchange?.receive(bytes) ?? .abandoned {
    case .accepted: return bytes.count
    case .abandoned: return 0
    case .tooLarge:
      let limit = self.exchange?.request.limits.responseBytes ?? 0
      self.failure = TransportError(.tooLarge, "the body is larger than \(limit) bytes", progress: .answerBegun)
      return 0
    case .holdBack:
      self.deadline.holdBack()
      return Int(CURL_WRITEFUNC_PAUSE)
    }
  }
}
