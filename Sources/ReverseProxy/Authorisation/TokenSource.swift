import ServerSupport

/// Where the tokens come from.
package enum TokenSource: Sendable, Hashable {
  /// A file with one on each line, which is read again when it changes.
  case file(String)
  /// A variable of the environment, with commas between them.
  case environmentVariable(String)

  /// Reads them.
  ///
  /// - Parameter environment: where a variable is looked for.
  /// - Throws: ``TokenError``.
  func read(_ environment: [String: String]) throws(TokenError) -> [[UInt8]] {
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
      guard let value = environment[name] else {
        throw TokenError(code: .unreadable, message: "\(name): there is no such environment variable")
      }
      return try TokenList.commaSeparated(value, of: name)
    }
  }
}
