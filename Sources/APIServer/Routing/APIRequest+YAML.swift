import HTTPTypes
import KubernetesModel
import YAMLDocument

extension APIRequest {
  static let yamlType = "application/yaml"

  /// The request with a body in YAML turned into JSON.
  ///
  /// A configuration to apply may be either; what begins like a JSON object is read as one.
  func withoutYAML() throws(APIFailure) -> APIRequest {
    let type = self.contentType
    guard type == Self.yamlType || type == PatchApplication.applyType else { return self }
    var request = self
    if type == Self.yamlType { request.fields[.contentType] = "application/json" }
    guard let first = self.body.first(where: { !" \t\r\n".utf8.contains($0) }), first != UInt8(ascii: "{") else {
      return request
    }
    guard let text = String(validating: self.body, as: UTF8.self) else {
      throw .badRequest("error decoding YAML: the body is not UTF-8")
    }
    do throws(YAMLFault) {
      guard let value = try YAMLReader.value(of: text) else { return request }
      request.body = value.serialized()
    } catch {
      throw .badRequest("error decoding YAML: \(error)")
    }
    return request
  }
}
