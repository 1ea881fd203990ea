import COpenSSL

/// Why a key, certificate or signature cannot be made or used.
///
/// The message never holds a secret.
package struct CryptographyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  package var code: Code
  /// One sentence for a person.
  package var message: String

  /// Creates an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { self.message }

  /// The kinds of failure.
  package struct Code: Sendable, Hashable {
    private enum Kind: Hashable {
      case malformed
      case mismatch
      case invalidArgument
      case libraryFailure
    }

    private let kind: Kind

    /// Bytes that were given are not what they should be.
    package static let malformed = Code(kind: .malformed)
    /// A key and a certificate do not belong together.
    package static let mismatch = Code(kind: .mismatch)
    /// A name, time or length cannot be used.
    package static let invalidArgument = Code(kind: .invalidArgument)
    /// The library failed, as it does without memory or entropy.
    package static let libraryFailure = Code(kind: .libraryFailure)
  }
}

/// The library's queue of errors on this thread.
enum ErrorQueue {
  /// The reason of the newest error, and an empty queue.
  static func take() -> String {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    guard code != 0, let reason = ERR_reason_error_string(code) else { return "no reason is known" }
    return String(cString: reason)
  }

  /// Whether the newest error says that no PEM block was found; empties the queue.
  static func tookNoStartLine() -> Bool {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    return code == 0 || ERR_GET_REASON(code) == PEM_R_NO_START_LINE
  }

  /// - Throws: ``CryptographyError`` unless `result` is what the library returns on success.
  static func check(_ result: Int32, _ doing: String) throws(CryptographyError) {
    guard result > 0 else { throw CryptographyError(.libraryFailure, "\(doing): \(Self.take())") }
  }
}
