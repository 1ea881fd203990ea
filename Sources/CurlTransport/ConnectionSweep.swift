import CCurl
import CCurlShims

/// Closes connections that were idle for too long while no request begins.
///
/// libcurl looks over its connections only when a transfer begins. The sweep is such a transfer, and goes nowhere: its
/// socket is never opened.
///
/// Never leaves the loop's thread.
final class ConnectionSweep {
  private let handle: UnsafeMutableRawPointer
  private let sockets: SocketWatch
  private let multi: UnsafeMutableRawPointer
  private let age: Duration
  private var isRunning = false
  /// When the next one is due; nil while there is nothing to close.
  private(set) var next: ContinuousClock.Instant?

  /// Makes a sweep of the connections of `multi`; nil if libcurl has no memory for it.
  init?(_ multi: UnsafeMutableRawPointer, _ configuration: CurlHTTPTransport.Configuration, _ sockets: SocketWatch) {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.sockets = sockets
    self.multi = multi
    // libcurl counts whole seconds, and closes what is older than the age.
    self.age = .seconds(configuration.idleSeconds + 1)
    EasyOptions(handle: handle).set(configuration, sockets)
    curl_shim_set_string(handle, CURLOPT_URL, "http://127.0.0.1:1/")
    curl_shim_set_string(handle, CURLOPT_PROXY, "")
    curl_shim_set_long(handle, CURLOPT_FRESH_CONNECT, 1)
    curl_shim_set_open_socket_function(handle) { _, _, _ in CURL_SOCKET_BAD }
  }

  /// Its multi handle must still be there.
  deinit {
    if self.isRunning { curl_multi_remove_handle(self.multi, self.handle) }
    curl_easy_cleanup(self.handle)
  }

  /// Records that a connection may have become idle.
  func expect(now: ContinuousClock.Instant) {
    if self.next == nil { self.next = now.advanced(by: self.age) }
  }

  /// Begins a sweep if one is due.
  func begin(now: ContinuousClock.Instant) {
    guard let next = self.next, next <= now else { return }
    // As long as there are connections: some of them are younger than the first was.
    self.next = self.sockets.hasConnections ? now.advanced(by: self.age) : nil
    guard !self.isRunning else { return }
    self.isRunning = curl_multi_add_handle(self.multi, self.handle) == CURLM_OK
  }

  /// Ends the sweep if `handle` is its own; true then.
  func end(_ handle: UnsafeMutableRawPointer) -> Bool {
    guard handle == self.handle else { return false }
    curl_multi_remove_handle(self.multi, handle)
    self.isRunning = false
    return true
  }
}
