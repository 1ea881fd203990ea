import KubernetesModel
import YAMLDocument

/// Turns the text of a configuration file into JSON values.
enum ConfigurationText {
  /// Bytes that a file may have.
  static let largest = 1 << 20
  /// Values that a file may hold once its aliases are resolved.
  static let mostValues = 20_000

  /// Reads YAML, of which JSON is a part; nil for a text in which nothing stands.
  ///
  /// - Throws: A ``FieldFault`` of the whole, with the line where one is known.
  static func read(_ bytes: [UInt8]) throws(FieldFault) -> JSONValue? {
    guard bytes.count <= Self.largest else { throw Self.fault("larger than \(Self.largest) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.fault("not UTF-8") }
    do throws(YAMLFault) {
      let json = try YAMLReader.value(of: text, mostValues: Self.mostValues)
      // A bare nil would be a JSON null.
      return json?.isNull ?? true ? Optional.none : json
    } catch {
      throw Self.fault(error.description)
    }
  }

  private static func fault(_ detail: String) -> FieldFault {
    FieldFault(field: "", reason: "FieldValueInvalid", message: "the configuration cannot be read: \(detail)")
  }
}
