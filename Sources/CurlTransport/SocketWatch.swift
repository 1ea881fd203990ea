import CCurl
import CCurlShims
import Glibc

/// The sockets of a loop: opens and closes them for libcurl, and has epoll listen to them.
///
/// Never leaves the loop's thread, and outlives every handle that reports to it.
final class SocketWatch {
  private let epoll: Int32
  private let ledger: ConnectionLedger
  private var interests = SocketInterests()
  /// Few at a time: what they lead to is sent before the next are looked at, and the peer need not wait for the last.
  private var events = [epoll_event](repeating: epoll_event(), count: 16)

  /// Creates a watch that works with `epoll`, and leaves it open.
  init(epoll: Int32, ledger: ConnectionLedger) {
    self.epoll = epoll
    self.ledger = ledger
  }

  /// Whether any connection is open.
  var hasConnections: Bool { self.ledger.statistics.connectionsOpen > 0 }

  /// Opens a socket for a connection.
  func open(_ address: curl_sockaddr) -> curl_socket_t {
    let socket = self.ledger.open(address)
    if socket != CURL_SOCKET_BAD { self.interests.opened(socket) }
    return socket
  }

  /// Closes a socket that ``open(_:)`` has opened.
  func close(_ socket: curl_socket_t) -> Int32 {
    self.interests.closed(socket)
    return self.ledger.close(socket)
  }

  /// Listens to a descriptor that libcurl knows nothing of.
  func listen(to descriptor: Int32) {
    self.apply(self.interests.want(EPOLLIN.rawValue, of: descriptor), to: descriptor)
  }

  /// Does what libcurl asks: listen to a socket, or forget it.
  func watch(_ socket: curl_socket_t, _ interest: Int32) {
    var events: UInt32 = 0
    if interest != CURL_POLL_REMOVE {
      if interest & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
      if interest & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
    }
    self.apply(self.interests.want(events, of: socket), to: socket)
  }

  /// Waits for so long, or for ever at -1, and calls `body` for each socket that is ready, with libcurl's flags.
  func wait(milliseconds: Int32, _ body: (curl_socket_t, Int32) -> Void) {
    let count = epoll_wait(self.epoll, &self.events, Int32(self.events.count), milliseconds)
    for index in 0..<Int(max(count, 0)) {
      let event = self.events[index]
      let socket = event.data.fd
      if let call = self.interests.callForUnwanted(socket) {
        self.apply(call, to: socket)
        continue
      }
      var ready: Int32 = 0
      if event.events & (EPOLLIN.rawValue | EPOLLHUP.rawValue) != 0 { ready |= CURL_CSELECT_IN }
      if event.events & EPOLLOUT.rawValue != 0 { ready |= CURL_CSELECT_OUT }
      if event.events & EPOLLERR.rawValue != 0 { ready |= CURL_CSELECT_ERR }
      body(socket, ready)
    }
  }

  private func apply(_ call: SocketInterests.Call, to socket: Int32) {
    var event = epoll_event(events: 0, data: epoll_data_t(fd: socket))
    switch call {
    case .none: ()
    case .delete: epoll_ctl(self.epoll, EPOLL_CTL_DEL, socket, nil)
    case .add(let events):
      event.events = events
      if epoll_ctl(self.epoll, EPOLL_CTL_ADD, socket, &event) != 0, errno == EEXIST {
        epoll_ctl(self.epoll, EPOLL_CTL_MOD, socket, &event)
      }
    case .modify(let events):
      event.events = events
      if epoll_ctl(self.epoll, EPOLL_CTL_MOD, socket, &event) != 0, errno == ENOENT {
        epoll_ctl(self.epoll, EPOLL_CTL_ADD, socket, &event)
      }
    }
  }
}
