/// A JSON object of which only some fields are known; the others survive a round trip untouched.
public protocol OpenObject: Codable, Sendable, Hashable {
  /// Every field, known or not.
  var fields: [String: JSONValue] { get set }
  /// Wraps fields as they are.
  init(fields: [String: JSONValue])
}

extension OpenObject {
  /// Decodes any JSON object.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self.init(fields: try container.decode([String: JSONValue].self))
  }

  /// Encodes every field.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(self.fields)
  }

  /// The object as a JSON value.
  public var json: JSONValue { .object(self.fields) }

  func objects<Element: OpenObject>(_ field: String) -> [Element] {
    self.fields[field]?.arrayValue?.compactMap { $0.objectValue.map(Element.init(fields:)) } ?? []
  }

  mutating func setObjects<Element: OpenObject>(_ field: String, _ elements: [Element]) {
    self.fields[field] = elements.isEmpty ? nil : .array(elements.map(\.json))
  }

  mutating func setString(_ field: String, _ value: String?) { self.fields[field] = value.map(JSONValue.string) }

  mutating func setInteger(_ field: String, _ value: Int64?) { self.fields[field] = value.map(JSONValue.integer) }

  func strings(_ field: String) -> [String] {
    self.fields[field]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  mutating func setStrings(_ field: String, _ values: [String]) {
    self.fields[field] = values.isEmpty ? nil : .array(values.map(JSONValue.string))
  }
}
