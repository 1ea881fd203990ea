import FoundationEssentials
import KubernetesModel

/// The fields of a kind's message, and how each becomes JSON.
struct ProtobufMessage: Sendable {
  /// What a field holds.
  indirect enum Form: Sendable {
    case text
    case bytes
    case integer
    case flag
    case time
    /// A number or a text.
    case intOrString
    /// An amount, in a message of its own.
    case quantity
    /// A list of texts, in a message of its own, as it stands in maps.
    case texts
    case message(ProtobufMessage)
    case list(Form)
    /// By text; each entry is a message of a key and a value.
    case map(Form)
    /// Counts also when it is empty, zero or false.
    case optional(Form)
  }

  struct Field: Sendable {
    var name: String
    var form: Form
  }

  /// Why a message cannot be read.
  enum Fault: Error {
    case malformed
    /// A field that is not known here, and would be lost.
    case unknownField
  }

  var fields: [Int: Field]

  init(_ fields: [Int: (name: String, form: Form)]) {
    self.fields = fields.mapValues { Field(name: $0.name, form: $0.form) }
  }

  /// The message as JSON, without fields that hold nothing.
  func json(_ bytes: ArraySlice<UInt8>) throws(Fault) -> JSONValue {
    var reader = ProtobufReader(bytes)
    var object: [String: JSONValue] = [:]
    while let (number, value) = try Self.next(&reader) {
      guard let field = self.fields[number] else { throw .unknownField }
      switch field.form {
      case .list(let element):
        object[field.name] = .array((object[field.name]?.arrayValue ?? []) + [try Self.json(value, element)])
      case .map(let element):
        let (key, value) = try Self.entry(value, element)
        var entries = object[field.name] ?? .object([:])
        entries[key] = value
        object[field.name] = entries
      case .optional(let form): object[field.name] = try Self.json(value, form)
      default:
        let json = try Self.json(value, field.form)
        if !Self.holdsNothing(json) { object[field.name] = json }
      }
    }
    return .object(object)
  }

  private static func next(
    _ reader: inout ProtobufReader
  ) throws(Fault) -> (number: Int, value: ProtobufReader.Value)? {
    do { return try reader.next() } catch { throw .malformed }
  }

  private static func holdsNothing(_ json: JSONValue) -> Bool {
    json == "" || json == 0 || json == false || json.isNull
  }

  private static func json(_ value: ProtobufReader.Value, _ form: Form) throws(Fault) -> JSONValue {
    switch (form, value) {
    case (.text, .bytes(let bytes)):
      guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
      return .string(text)
    case (.bytes, .bytes(let bytes)): return .string(Data(bytes).base64EncodedString())
    case (.integer, .number(let number)): return .integer(Int64(bitPattern: number))
    case (.flag, .number(let number)): return .bool(number != 0)
    case (.time, .bytes(let bytes)): return try Self.time(bytes)
    case (.intOrString, .bytes(let bytes)): return try Self.intOrString(bytes)
    case (.quantity, .bytes(let bytes)):
      return try ProtobufMessage([1: ("text", .optional(.text))]).json(bytes)["text"] ?? "0"
    case (.texts, .bytes(let bytes)):
      return try ProtobufMessage([1: ("items", .list(.text))]).json(bytes)["items"] ?? []
    case (.message(let message), .bytes(let bytes)): return try message.json(bytes)
    default: throw .malformed
    }
  }

  private static func entry(
    _ value: ProtobufReader.Value, _ form: Form
  ) throws(Fault) -> (key: String, value: JSONValue) {
    guard case .bytes(let bytes) = value else { throw .malformed }
    let entry = try ProtobufMessage([1: ("key", .optional(.text)), 2: ("value", .optional(form))]).json(bytes)
    var empty: JSONValue = ""
    if case .message = form { empty = .object([:]) }
    return (entry["key"]?.stringValue ?? "", entry["value"] ?? empty)
  }

  private static func intOrString(_ bytes: ArraySlice<UInt8>) throws(Fault) -> JSONValue {
    let parts = try ProtobufMessage([1: ("type", .integer), 2: ("number", .integer), 3: ("text", .text)]).json(bytes)
    return parts["type"] == nil ? parts["number"] ?? 0 : parts["text"] ?? ""
  }

  /// A point in time; null if there is none.
  private static func time(_ bytes: ArraySlice<UInt8>) throws(Fault) -> JSONValue {
    let parts = try ProtobufMessage([1: ("seconds", .integer), 2: ("nanos", .integer)]).json(bytes)
    guard let seconds = parts["seconds"]?.integerValue else { return nil }
    // The years 1 to 9999, which is all that the text form can say.
    guard (-62_135_596_800...253_402_300_799).contains(seconds) else { throw .malformed }
    let time = Timestamp(secondsSinceEpoch: seconds)
    return .string(time.advanced(by: .nanoseconds(parts["nanos"]?.integerValue ?? 0)).description)
  }
}
