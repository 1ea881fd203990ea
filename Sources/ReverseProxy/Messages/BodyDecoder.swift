import HTTPTypes
import NIOCore

/// How a receiver knows where a body ends.
enum BodyLength: Sendable, Hashable {
  /// There is none.
  case none
  /// After so many bytes.
  case counted(Int)
  /// With the chunk of length zero.
  case chunked
  /// With the connection; for responses only.
  case untilClose
}

/// Takes a body out of what comes in, piece by piece, without gathering it.
struct BodyDecoder: Sendable, Hashable {
  /// A piece of a body.
  enum Part: Sendable, Hashable {
    /// Some of its bytes, at least one.
    case bytes(ByteBuffer)
    /// Its end, with the trailers.
    case end(HTTPFields)
  }

  private enum State: Sendable, Hashable {
    case counted(left: Int)
    case untilClose
    case chunkSize
    case chunk(left: Int)
    case chunkEnd
    case trailers(HeadScanner)
    case ended
  }

  /// The longest line with a chunk's size, extensions included.
  private static let maximumSizeLine = 256
  private let trailerLimit: Int
  private var state: State

  /// - Parameter trailerLimit: the most bytes that trailers may have.
  init(_ length: BodyLength, trailerLimit: Int) {
    self.trailerLimit = trailerLimit
    self.state =
      switch length {
      case .none: .counted(left: 0)
      case .counted(let count): .counted(left: count)
      case .chunked: .chunkSize
      case .untilClose: .untilClose
      }
  }

  /// Takes the next piece.
  ///
  /// - Returns: nil while more bytes are needed, and for ever after the end.
  /// - Throws: ``MessageError`` if the chunks are not sound.
  mutating func next(_ input: inout ByteBuffer) throws(MessageError) -> Part? {
    while true {
      switch self.state {
      case .ended: return nil
      case .counted(0): return self.end([:])
      case .counted(let left):
        guard let bytes = Self.take(left, from: &input) else { return nil }
        self.state = .counted(left: left - bytes.readableBytes)
        return .bytes(bytes)
      case .untilClose:
        return Self.take(.max, from: &input).map { .bytes($0) }
      case .chunkSize:
        guard let size = try Self.chunkSize(&input) else { return nil }
        self.state = size == 0 ? .trailers(HeadScanner(followsLine: true)) : .chunk(left: size)
      case .chunk(0): self.state = .chunkEnd
      case .chunk(let left):
        guard let bytes = Self.take(left, from: &input) else { return nil }
        self.state = .chunk(left: left - bytes.readableBytes)
        return .bytes(bytes)
      case .chunkEnd:
        guard try Self.chunkEnd(&input) else { return nil }
        self.state = .chunkSize
      case .trailers(var scanner):
        guard let lines = try scanner.next(&input, limit: self.trailerLimit) else {
          self.state = .trailers(scanner)
          return nil
        }
        return self.end(try FieldLines.parse(lines[...]))
      }
    }
  }

  /// Whether the body is whole when the connection ends.
  var endsWithConnection: Bool { self.state == .untilClose }

  private mutating func end(_ trailers: HTTPFields) -> Part {
    self.state = .ended
    return .end(trailers)
  }

  private static func take(_ count: Int, from input: inout ByteBuffer) -> ByteBuffer? {
    guard input.readableBytes > 0 else { return nil }
    return input.readSlice(length: min(count, input.readableBytes))
  }

  private static func chunkEnd(_ input: inout ByteBuffer) throws(MessageError) -> Bool {
    let bytes = input.readableBytesView.prefix(2)
    guard bytes.elementsEqual("\r\n".utf8.prefix(bytes.count)) else {
      throw .malformed("a chunk that is longer than its size")
    }
    guard bytes.count == 2 else { return false }
    input.moveReaderIndex(forwardBy: 2)
    return true
  }

  /// Takes the line with a chunk's size; extensions are dropped, as every hop may.
  private static func chunkSize(_ input: inout ByteBuffer) throws(MessageError) -> Int? {
    let bytes = input.readableBytesView.prefix(Self.maximumSizeLine)
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      guard bytes.count < Self.maximumSizeLine else { throw .malformed("a chunk size that does not end") }
      return nil
    }
    let line = bytes[..<end]
    guard line.last == UInt8(ascii: "\r") else { throw .malformed("an LF without a CR") }
    let text = line.dropLast()
    let digits = text.prefix { Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }
    let rest = text.dropFirst(digits.count)
    // Fifteen digits cannot overflow.
    guard (1...15).contains(digits.count), let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw .malformed("a chunk size that is none")
    }
    guard rest.isEmpty || rest.first == UInt8(ascii: ";"),
      rest.allSatisfy({ ($0 >= 0x20 || $0 == UInt8(ascii: "\t")) && $0 != 0x7f })
    else { throw .malformed("a chunk size with something behind it") }
    input.moveReaderIndex(forwardBy: line.count + 1)
    return size
  }
}
