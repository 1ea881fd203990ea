/// Why the API server cannot start.
package struct APIServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  package var code: Code
  /// One line for a person, with the path it is about.
  package var message: String

  /// Creates an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  package var description: String { self.message }

  /// Tells the kinds of failure apart; more may be added.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String { case folderLocked, folderUnusable, databaseDamaged, storage, signingKey }
    private let kind: Kind
    /// The code's name.
    package var description: String { self.kind.rawValue }

    /// Another instance uses the data folder.
    package static let folderLocked = Code(kind: .folderLocked)
    /// The data folder cannot be created, read or written.
    package static let folderUnusable = Code(kind: .folderUnusable)
    /// The database is not one of ours, or its content is broken.
    package static let databaseDamaged = Code(kind: .databaseDamaged)
    /// The key of the service accounts' tokens cannot be read or made.
    package static let signingKey = Code(kind: .signingKey)
    /// The database failed in another way, such as a full disk.
    package static let storage = Code(kind: .storage)
  }
}
