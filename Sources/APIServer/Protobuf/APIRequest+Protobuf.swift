import FoundationEssentials
import HTTPTypes
import KubernetesModel

extension APIRequest {
  static let protobufType = "application/vnd.kubernetes.protobuf"
  private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  /// The request with a body in protocol buffers turned into JSON.
  ///
  /// A body of a kind that is not known in this form stays as it is, and is refused for its type.
  func withJSONBody() throws(APIFailure) -> APIRequest {
    guard self.contentType == Self.protobufType, self.body.starts(with: Self.magic) else { return self }
    do {
      guard let json = try Self.json(self.body.dropFirst(Self.magic.count)) else { return self }
      var request = self
      request.body = json.serialized()
      request.fields[.contentType] = "application/json"
      return request
    } catch ProtobufMessage.Fault.unknownField {
      return self
    } catch {
      throw .badRequest("the object provided is unrecognized: the body is no protocol buffers message of its kind")
    }
  }

  private static func json(_ bytes: ArraySlice<UInt8>) throws -> JSONValue? {
    let envelope = try ProtobufKinds.envelope.json(bytes)
    guard let apiVersion = envelope["typeMeta"]?["apiVersion"], let kind = envelope["typeMeta"]?["kind"],
      let message = ProtobufKinds.messages["\(apiVersion.stringValue ?? "") \(kind.stringValue ?? "")"]
    else { return nil }
    let raw = envelope["raw"]?.stringValue.flatMap { Data(base64Encoded: $0) } ?? Data()
    var json = try message.json(Array(raw)[...])
    json["apiVersion"] = apiVersion
    json["kind"] = kind
    return json
  }
}
