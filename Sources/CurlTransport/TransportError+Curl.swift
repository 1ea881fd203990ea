import CCurl
import CCurlShims
import HTTPTransport

extension TransportError.Code {
  /// The kind of failure that a libcurl result stands for.
  ///
  /// `hasSent` says whether a request had been put on a connection.
  init(_ result: CURLcode, hasSent: Bool) {
    switch result {
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN, CURLE_SSL_CIPHER:
      self = .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      self = .nameResolution
    case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED, CURLE_NO_CONNECTION_AVAILABLE,
      CURLE_OUT_OF_MEMORY:
      self = .connect
    case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
      self = .security
    case CURLE_OPERATION_TIMEDOUT:
      self = .timeout
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      self = .malformedResponse
    case CURLE_UNSUPPORTED_PROTOCOL:
      // libcurl reports an answer without a status line (HTTP/0.9) in this way.
      self = hasSent ? .malformedResponse : .invalidRequest
    case CURLE_FILESIZE_EXCEEDED:
      self = .tooLarge
    default:
      self = .connectionBroken
    }
  }
}

extension TransportError {
  /// What to report for `result`, in libcurl's own words where it has some.
  init(_ result: CURLcode, detail: String, progress: Progress) {
    let code = Code(result, hasSent: progress != .nothingSent)
    let message: String
    switch result {
    case CURLE_SEND_FAIL_REWIND:
      // A request that must not be sent twice met a connection that the peer had closed.
      message = "the connection broke before an answer"
    case _ where detail.isEmpty:
      message = String(cString: curl_easy_strerror(result))
    default:
      message = Self.withoutDuration(detail)
    }
    self.init(code, message, progress: progress)
  }

  /// Cuts libcurl's " after 12 ms" out of `message`, so that equal failures have equal messages.
  static func withoutDuration(_ message: String) -> String {
    var words = message.split(separator: " ", omittingEmptySubsequences: false)
    guard let index = words.firstIndex(of: "after"), index + 2 < words.count, Int(words[index + 1]) != nil,
      words[index + 2].hasPrefix("ms") || words[index + 2].hasPrefix("milliseconds")
    else { return message }
    let isEndOfClause = words[index + 2].hasSuffix(":")
    words.removeSubrange(index...index + 2)
    let (before, rest) = (words[..<index].joined(separator: " "), words[index...].joined(separator: " "))
    return rest.isEmpty ? before : before + (isEndOfClause ? ": " : " ") + rest
  }
}
