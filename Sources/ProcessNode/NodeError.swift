/// Why a node cannot do what it should.
package struct NodeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  package var code: Code
  /// One sentence for a person.
  package var message: String

  /// Creates an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  package var description: String { self.message }

  /// The kind of failure.
  package struct Code: Sendable, Hashable {
    private enum Kind { case addressesExhausted }
    private let kind: Kind

    /// There are more Pods than addresses.
    package static let addressesExhausted = Code(kind: .addressesExhausted)
  }
}
