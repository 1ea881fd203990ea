/// Why a change of the Server was not stored.
package struct SidecarError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  package var code: Code
  /// One sentence for a person.
  package var message: String

  /// The message.
  package var description: String { self.message }

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The kind of failure; new kinds may be added.
  package struct Code: Sendable, Hashable {
    private enum Kind { case notStored, stopping, overloaded, gone, refused, withdrawn }
    private let kind: Kind

    /// The API server did not take it in time, or the Server has not been read yet.
    package static let notStored = Code(kind: .notStored)
    /// The sidecar is about to end.
    package static let stopping = Code(kind: .stopping)
    /// Too many changes wait already.
    package static let overloaded = Code(kind: .overloaded)
    /// There is no such Server any more.
    package static let gone = Code(kind: .gone)
    /// The API server does not take it, and will not take it later.
    package static let refused = Code(kind: .refused)
    /// Whoever asked for it does not wait any longer.
    package static let withdrawn = Code(kind: .withdrawn)
  }
}
