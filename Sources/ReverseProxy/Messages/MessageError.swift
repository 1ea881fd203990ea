/// Why bytes are no HTTP/1 message that this proxy passes on.
enum MessageError: Error, Hashable {
  /// Not as the grammar has it; the sentence names the rule, and nothing of the message.
  case malformed(String)
  /// The head or the trailers are larger than the limit.
  case tooLarge
  /// Another major or minor version than 1.0 and 1.1.
  case unsupportedVersion
}
