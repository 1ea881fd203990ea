import NIOCore

/// What a relay is told.
enum RelayEvent {
  case opened
  case clientBytes(ByteBuffer)
  /// The client has closed its sending half.
  case clientEnded
  /// Everything has been written to the client, and the sending half is closed.
  case clientFinished
  case clientGone
  /// Whether more may be written to the client without gathering.
  case clientWritable(Bool)
  case upstreamOpened
  case upstreamRefused(UpstreamFailure)
  case upstreamBytes(ByteBuffer)
  /// The upstream server has closed its sending half.
  case upstreamEnded
  case upstreamGone
  case upstreamWritable(Bool)
  case timePassed
  /// No further exchange may begin.
  case stop
}

/// What a relay wants done, in this order.
enum RelayAction: Hashable {
  case connect
  case toUpstream(ByteBuffer)
  case toClient(ByteBuffer)
  /// Close the sending half once everything is written.
  case finishUpstream
  case finishClient
  /// Close at once.
  case closeUpstream
  /// Close once everything is written.
  case closeClient
  /// Close at once, so that the client sees that something is missing.
  case abortClient
  /// An exchange has got its final status.
  case answered(Int)
  case refused(Refusal.Reason)
  case upstreamFailed(UpstreamFailure)
}

/// How the upstream server failed, as a label of the metrics.
enum UpstreamFailure: String, Sendable, CaseIterable {
  /// It takes no connections.
  case refused
  /// It did not take one, or did not answer, in time.
  case timeout
  /// It closed the connection before or within its answer.
  case closed
  /// Its answer is no HTTP response.
  case invalid
}
