package import GRPCCore
import GRPCProtobuf

/// What a game may set about its server, one value under one key at a time.
package enum SDKField: String, Sendable, Hashable, CaseIterable {
  case label, annotation, condition
}

/// The service `carrier.dev.sdk.SDK`, whose states are encoded before they are sent.
///
/// The generated protocols encode a state for each watcher anew.
package protocol EncodedSDKService: RegistrableRPCService {
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
      forMethod: Method.GetGameServer.descriptor, deserializer: ProtobufDeserializer<Carrier_Dev_Sdk_Empty>(),
      serializer: EncodedGameServer.Serializer()
    ) { try await self.getGameServer(request: $0, context: $1) }
    router.registerHandler(
      forMethod: Method.WatchGameServer.descriptor, deserializer: ProtobufDeserializer<Carrier_Dev_Sdk_Empty>(),
      serializer: EncodedGameServer.Serializer()
    ) { try await self.watchGameServer(request: $0, context: $1) }
    for field in SDKField.allCases {
      router.registerHandler(
        forMethod: field.method, deserializer: ProtobufDeserializer<Carrier_Dev_Sdk_KeyValue>(),
        serializer: ProtobufSerializer<Carrier_Dev_Sdk_Empty>()
      ) { try await self.set(field, request: $0, context: $1) }
    }
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
