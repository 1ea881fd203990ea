import SwiftProtobuf

extension Carrier_Dev_Sdk_KeyValue {
  /// Reads `{"key": …, "value": …}`; a field that is not known is ignored, one that is not there is empty.
  ///
  /// - Throws: when `json` is not that.
  package init(json: [UInt8]) throws {
    var options = JSONDecodingOptions()
    options.ignoreUnknownFields = true
    try self.init(jsonUTF8Bytes: json, options: options)
  }
}
