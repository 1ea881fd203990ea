package import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// What a game may set about its server, one value under one key at a time.
package enum SDKField: String, Sendable, Hashable, CaseIterable {
  case label, annotation, condition
}

/// The service `carrier.dev.sdk.SDK`, whose states are encoded before they are sent.
///
/// The generated protocols encode a state for each watcher anew.
package protocol EncodedSDKService: RegistrableRPCService {
  /// The largest message that is read, in bytes.
  var requestBytes: Int { get }

  /// Answers with the state as it is now.
  func getGameServer(
    request: StreamingServerRequest<Carrier_Dev_Sdk_Empty>, context: ServerContext
  ) async throws -> StreamingServerResponse<EncodedGameServer>

  /// Answers with the state as it is now, and again after each change.
  func watchGameServer(
    request: StreamingServerRequest<Carrier_Dev_Sdk_Empty>, context: ServerContext
  ) async throws -> StreamingServerResponse<EncodedGameServer>

  /// Sets a label, an annotation or a condition, and answers once it is stored.
  func set(
    _ field: SDKField, request: StreamingServerRequest<Carrier_Dev_Sdk_KeyValue>, context: ServerContext
  ) async throws -> StreamingServerResponse<Carrier_Dev_Sdk_Empty>
}

extension EncodedSDKService {
  /// Registers every method of the service.
  package func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    typealias Method = Carrier_Dev_Sdk_SDK.Method
    router.registerHandler(
      forMethod: Method.GetGameServer.descriptor,
      deserializer: BoundedDeserializer<Carrier_Dev_Sdk_Empty>(limit: self.requestBytes),
      serializer: EncodedGameServer.Serializer()
    ) { try await self.getGameServer(request: $0, context: $1) }
    router.registerHandler(
      forMethod: Method.WatchGameServer.descriptor,
      deserializer: BoundedDeserializer<Carrier_Dev_Sdk_Empty>(limit: self.requestBytes),
      serializer: EncodedGameServer.Serializer()
    ) { try await self.watchGameServer(request: $0, context: $1) }
    for field in SDKField.allCases {
      router.registerHandler(
        forMethod: field.method, deserializer: BoundedDeserializer<Carrier_Dev_Sdk_KeyValue>(limit: self.requestBytes),
        serializer: ProtobufSerializer<Carrier_Dev_Sdk_Empty>()
      ) { try await self.set(field, request: $0, context: $1) }
    }
  }
}

/// Refuses messages that are too large with a status.
///
/// The transport has a limit of its own, but only breaks the call off.
private struct BoundedDeserializer<Message: SwiftProtobuf.Message>: MessageDeserializer {
  let limit: Int

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Message {
    guard bytes.withUnsafeBytes({ $0.count }) <= self.limit else {
      throw RPCError(code: .resourceExhausted, message: "the message is larger than \(self.limit) bytes")
    }
    return try ProtobufDeserializer<Message>().deserialize(bytes)
  }
}

extension SDKField {
  /// The method that sets it.
  package var method: MethodDescriptor {
    switch self {
    case .label: Carrier_Dev_Sdk_SDK.Method.SetLabel.descriptor
    case .annotation: Carrier_Dev_Sdk_SDK.Method.SetAnnotation.descriptor
    case .condition: Carrier_Dev_Sdk_SDK.Method.SetCondition.descriptor
    }
  }
}
