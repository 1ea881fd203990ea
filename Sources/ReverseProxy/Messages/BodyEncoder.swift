import HTTPTypes
import NIOCore

/// Frames a body for the other side.
enum BodyEncoder: Sendable, Hashable {
  /// As it is: its length was announced, or the connection's end ends it.
  case plain
  /// In chunks.
  case chunked
  /// The receiver must not get one.
  case nothing

  /// The bytes of one piece; those of a body are not copied.
  func encode(_ part: BodyDecoder.Part) -> [ByteBuffer] {
    switch (self, part) {
    case (.nothing, _), (.plain, .end): return []
    case (.plain, .bytes(let bytes)): return [bytes]
    case (.chunked, .bytes(let bytes)):
      let size = ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n")
      return [size, bytes, ByteBuffer(string: "\r\n")]
    case (.chunked, .end(let trailers)):
      return [MessageWriter.head("0", TrailerRules.forwarded(trailers))]
    }
  }
}

/// Writes heads.
enum MessageWriter {
  /// A first line, the fields, and the empty line.
  static func head(_ line: String, _ fields: HTTPFields) -> ByteBuffer {
    Self.head(Array(line.utf8), fields)
  }

  /// A request's head.
  static func request(_ method: String, _ target: String, _ fields: HTTPFields) -> ByteBuffer {
    Self.head("\(method) \(target) HTTP/1.1", fields)
  }

  /// A response's head.
  static func response(_ status: Int, _ reason: [UInt8], _ fields: HTTPFields) -> ByteBuffer {
    Self.head(Array("HTTP/1.1 \(status) ".utf8) + reason, fields)
  }

  private static func head(_ line: [UInt8], _ fields: HTTPFields) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeBytes(line)
    buffer.writeStaticString("\r\n")
    for field in fields {
      buffer.writeString(field.name.rawName)
      buffer.writeStaticString(": ")
      field.withUnsafeBytesOfValue { _ = buffer.writeBytes($0) }
      buffer.writeStaticString("\r\n")
    }
    buffer.writeStaticString("\r\n")
    return buffer
  }
}
