import HTTPTypes
import KubernetesModel
import ServerSupport

/// The JSON object that sets a flag.
enum FlagDocument {
  /// Reads the flag's field and ignores all others.
  ///
  /// - Throws: A ``Problem`` of 400 when the body is not JSON, or has not that field, or it is not a boolean.
  static func value(of flag: SidecarFlag, in body: [UInt8]) throws(Problem) -> Bool {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: body)
    } catch {
      throw Problem(.badRequest, "the body is not JSON; {\"\(flag.field)\": true} or false is expected")
    }
    guard let value = document[flag.field] else {
      throw Problem(.badRequest, "'\(flag.field)' is missing; {\"\(flag.field)\": true} or false is expected")
    }
    guard let value = value.boolValue else { throw Problem(.badRequest, "'\(flag.field)' must be true or false") }
    return value
  }
}
