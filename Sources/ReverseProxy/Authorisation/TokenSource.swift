import Glibc
import ServerSupport

/// Where the tokens come from.
package enum TokenSource: Sendable, Hashable {
  /// A file with one on each line, which is read again when it changes.
  case file(String)
  /// A variable of the environment, with commas between them.
  case environmentVariable(String)

  /// Reads them.
  ///
  /// - Throws: ``TokenError``.
  func read() throws(TokenError) -> [[UInt8]] {
    switch self {
    case .file(let path):
      do {
        return try TokenList.lines(BoundedFile.read(path, upTo: TokenList.maximumBytes), of: path)
      } catch let error as BoundedFileError {
        throw TokenError(code: .unreadable, message: error.message)
      } catch let error as TokenError {
        throw error
      } catch {
        throw TokenError(code: .unreadable, message: "\(path): cannot be read")
      }
    case .environmentVariable(let name):
      guard let value = getenv(name) else {
        throw TokenError(code: .unreadable, message: "\(name): there is no such environment variable")
      }
      return try TokenList.commaSeparated(String(cString: value), of: name)
    }
  }
}
