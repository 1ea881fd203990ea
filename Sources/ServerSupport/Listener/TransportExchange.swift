import HTTPTransport
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging

/// One request of a client, answered by a transport.
struct TransportExchange: Sendable {
  let transport: any ClientTransport
  let limits: ServerLimits
  let connection: TransportConnection
  let logger: Logger

  /// Reads `request`, asks the transport, and writes what it answers.
  ///
  /// - Throws: When the response could not be completed; the connection is then closed, so that the client notices.
  func respond(to request: Request, writer: consuming ResponseWriter) async throws {
    var body = BoundedBody(request: request, limit: self.limits.bodyBytes)
    if body.isAwaited(by: request) {
      try await writer.writeInformationalHead(HTTPResponse(status: .continue))
    }
    guard let bytes = try await body.read() else {
      let problem = Problem(.contentTooLarge, "the body is larger than \(self.limits.bodyBytes) bytes")
      try await Self.write(problem, closing: true, to: writer)
      return try await body.discard()
    }
    var pending: ResponseWriter? = consume writer
    do {
      try await self.transport.withResponse(to: Self.transportRequest(for: request, body: bytes)) { response in
        guard let writer = pending.take() else {
          throw TransportError(.malformedResponse, "a second response to one request", progress: .answerBegun)
        }
        self.log(request, status: response.head.status.code)
        try await self.forward(response, to: request.method, writer: writer)
      }
    } catch let error as TransportError {
      guard let writer = pending.take() else { throw error }
      let problem = Problem(error)
      self.log(request, status: problem.status.code)
      try await Self.write(problem, closing: false, to: writer)
    }
  }

  private func forward(
    _ response: TransportResponse, to method: HTTPRequest.Method, writer: consuming ResponseWriter
  ) async throws {
    var head = response.head
    for name in Self.connectionFields { head.headerFields[name] = nil }
    let announced = head.headerFields[.contentLength].flatMap(Int.init)
    guard method != .head, head.status.code != 204, head.status.code != 304 else {
      if announced == nil { head.headerFields[.contentLength] = "0" }
      return try await writer.writeResponse(head)
    }
    var chunks = response.body.makeAsyncIterator()
    guard let announced else {
      self.connection.beginStream()
      var body = try await writer.writeHead(head)
      while let chunk = try await chunks.next() {
        if !chunk.isEmpty { try await body.write(ByteBuffer(bytes: chunk)) }
      }
      try await body.finish(nil)
      return self.connection.endStream()
    }
    // A body that comes in one piece leaves in one write, together with its head.
    var chunk = try await chunks.next() ?? []
    if chunk.count == announced {
      return try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: chunk)))
    }
    var body = try await writer.writeHead(head)
    var remaining = announced
    while !chunk.isEmpty {
      guard chunk.count <= remaining else { break }
      remaining -= chunk.count
      try await body.write(ByteBuffer(bytes: chunk))
      chunk = try await chunks.next() ?? []
    }
    guard remaining == 0, chunk.isEmpty else {
      throw TransportError(.malformedResponse, "the body has not its announced length", progress: .answerBegun)
    }
    try await body.finish(nil)
  }

  private func log(_ request: Request, status: Int) {
    self.logger.debug(
      "Exchange answered",
      metadata: [
        "http.method": .string(request.method.rawValue), "http.path": .string(request.uri.path),
        "http.status": .stringConvertible(status),
      ])
  }

  private static func write(_ problem: Problem, closing: Bool, to writer: consuming ResponseWriter) async throws {
    var response = problem.response
    if closing { response.headers[.connection] = "close" }
    try await writer.write(response: response.head, body: response.body)
  }

  private static func transportRequest(for request: Request, body: [UInt8]) -> TransportRequest {
    var head = request.head
    head.scheme = head.scheme ?? "http"
    for name in Self.connectionFields { head.headerFields[name] = nil }
    head.headerFields[.expect] = nil
    return TransportRequest(head: head, body: body, limits: .init(total: nil))
  }

  /// Fields that concern one connection only, and never pass to the next.
  private static let connectionFields: [HTTPField.Name] =
    [.connection, .transferEncoding, .upgrade] + ["Keep-Alive", "Proxy-Connection"].compactMap { HTTPField.Name($0) }
}

extension Problem {
  /// What a client is told when the transport itself failed.
  init(_ error: TransportError) {
    switch error.code {
    case .invalidRequest: self.init(.badRequest, error.message)
    case .timeout: self.init(.gatewayTimeout, error.message)
    case .closed: self.init(.serviceUnavailable, error.message)
    default: self.init(.badGateway, error.message)
    }
  }
}
