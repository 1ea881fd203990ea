package import HTTPTransport
package import HTTPTypes

/// A transport that has streams which may have a connection to themselves.
///
/// Such a stream is served on its connection's event loop: it needs no task, and a tenth of the memory. A
/// ``TransportListener`` does so where the first request of a connection asks for a stream; one that is asked for later
/// is answered as by any other transport.
package protocol DedicatedStreams: ClientTransport {
  /// What the requests for streams begin with, in ASCII: method, path, and what ends the path.
  var streamBeginnings: [String] { get }

  /// Somebody asks for a stream. Must not block.
  ///
  /// - Parameter sink: takes what there is to send, from now on.
  func openStream(to sink: StreamSink) -> StreamOpening
}

/// What becomes of somebody who asks for a stream.
package enum StreamOpening: Sendable {
  /// The stream begins; `onLeave` is called once, when its client has gone or the stream has ended.
  case opened(HTTPResponse, onLeave: @Sendable () -> Void)
  /// There is none, and why.
  case refused(HTTPResponse, body: [UInt8])
}

/// What the first bytes of a connection say of it.
enum FirstBytes: Hashable {
  /// It is for one of the streams.
  case stream
  /// It is for no stream.
  case other
  /// More must come.
  case undecided

  /// - Parameter beginnings: what streams begin with; no other bytes than those are looked at.
  init(_ bytes: some Collection<UInt8>, beginnings: [[UInt8]]) {
    self = .other
    for beginning in beginnings {
      if bytes.starts(with: beginning) {
        self = .stream
        return
      }
      if beginning.starts(with: bytes) { self = .undecided }
    }
  }
}
