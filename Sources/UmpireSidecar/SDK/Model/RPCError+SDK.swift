package import GRPCCore
package import HTTPTypes
import KubernetesModel

extension RPCError {
  /// Why a change was not stored, as a client of the SDK is told.
  package init(_ error: SidecarError) {
    let code: RPCError.Code
    switch error.code {
    case .notStored, .stopping: code = .unavailable
    case .overloaded: code = .resourceExhausted
    case .gone: code = .notFound
    case .refused: code = .failedPrecondition
    case .withdrawn: code = .cancelled
    default: code = .unknown
    }
    self.init(code: code, message: error.message)
  }

  /// The error as the gateways of such SDKs write it over HTTP.
  var document: [UInt8] {
    let document: JSONValue = [
      "error": .string(self.message), "code": .integer(Int64(self.code.rawValue)), "message": .string(self.message),
    ]
    return document.serialized()
  }

  /// The sidecar is about to end.
  static var stopping: RPCError { RPCError(code: .unavailable, message: "the sidecar is stopping") }
  /// The call's own deadline, or ours, has passed.
  static var late: RPCError { RPCError(code: .deadlineExceeded, message: "the deadline has passed") }
}

extension RPCError.Code {
  /// The status of HTTP that stands for it, as in the gateways that other SDKs have in front of gRPC.
  package var status: HTTPResponse.Status {
    switch self {
    case .cancelled: .requestTimeout
    case .invalidArgument, .failedPrecondition, .outOfRange: .badRequest
    case .deadlineExceeded: .gatewayTimeout
    case .notFound: .notFound
    case .alreadyExists, .aborted: .conflict
    case .permissionDenied: .forbidden
    case .unauthenticated: .unauthorized
    case .resourceExhausted: .tooManyRequests
    case .unimplemented: .notImplemented
    case .unavailable: .serviceUnavailable
    default: .internalServerError
    }
  }
}
