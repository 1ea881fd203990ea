import GRPCCore
import SwiftProtobuf

/// A game server's state with its bytes, so that it is encoded once, however many are told of it.
package struct EncodedGameServer: Sendable, Hashable {
  /// As gRPC carries it; equal states have equal bytes.
  package let protobuf: [UInt8]
  /// As the HTTP interface answers it: camel-case names, 64-bit integers as strings, nothing that has its default.
  package let json: [UInt8]
  /// The line of it that a watch over HTTP sends, with its line feed.
  package let line: [UInt8]

  /// Encodes a state.
  ///
  /// - Throws: when a text of it is too large for the wire.
  package init(_ message: Carrier_Dev_Sdk_GameServer) throws {
    var binary = BinaryEncodingOptions()
    binary.useDeterministicOrdering = true
    var text = JSONEncodingOptions()
    text.useDeterministicOrdering = true
    self.protobuf = try message.serializedBytes(options: binary)
    self.json = try message.jsonUTF8Bytes(options: text)
    self.line = Array("{\"result\":".utf8) + self.json + Array("}\n".utf8)
  }

  /// Two states are the same when their bytes are.
  package static func == (left: EncodedGameServer, right: EncodedGameServer) -> Bool { left.protobuf == right.protobuf }

  /// Hashes the bytes.
  package func hash(into hasher: inout Hasher) { hasher.combine(self.protobuf) }
}

extension EncodedGameServer {
  /// Hands over the bytes that are there already.
  struct Serializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: EncodedGameServer) -> Bytes { Bytes(message.protobuf) }
  }
}
