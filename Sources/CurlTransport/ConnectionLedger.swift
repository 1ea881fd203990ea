import CCurl
import CCurlShims
import Glibc
import HTTPTransport
import Metrics
import Synchronization

/// Counts the sockets that libcurl opens and closes.
///
/// It outlives every handle that reports to it.
final class ConnectionLedger: Sendable {
  private let opened = Atomic<Int>(0)
  private let closed = Atomic<Int>(0)
  private let openedCounter: Counter
  private let openMeter: Meter

  init(factory: any MetricsFactory) {
    self.openedCounter = Counter(label: "umpire_http_connections_opened_total", dimensions: [], factory: factory)
    self.openMeter = Meter(label: "umpire_http_connections_open", dimensions: [], factory: factory)
  }

  /// What has been counted so far.
  var statistics: CurlHTTPTransport.Statistics {
    let closed = self.closed.load(ordering: .sequentiallyConsistent)
    let opened = self.opened.load(ordering: .sequentiallyConsistent)
    return CurlHTTPTransport.Statistics(connectionsOpened: opened, connectionsOpen: opened - closed)
  }

  /// Opens a socket as libcurl would do it, but no program that we start ever inherits it.
  func open(_ address: curl_sockaddr) -> curl_socket_t {
    let descriptor = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
    guard descriptor >= 0 else { return CURL_SOCKET_BAD }
    self.opened.add(1, ordering: .sequentiallyConsistent)
    self.openedCounter.increment()
    self.openMeter.increment()
    return descriptor
  }

  /// Closes a socket.
  func close(_ descriptor: curl_socket_t) -> Int32 {
    self.closed.add(1, ordering: .sequentiallyConsistent)
    self.openMeter.decrement()
    return Glibc.close(descriptor)
  }
}

extension CurlHTTPTransport {
  /// How many connections there were and are.
  package struct Statistics: Sendable, Hashable {
    /// Connections that were begun since the start, whether they succeeded or not.
    package var connectionsOpened: Int
    /// Connections that are open now, idle ones included.
    package var connectionsOpen: Int
  }
}
