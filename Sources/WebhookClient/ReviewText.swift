import KubernetesModel
import UmpireModel

/// Writes a question as JSON, straight from its fields.
///
/// The text is that of `WebhookReview`'s own encoding, keys in order, for a fraction of the work: this is done for every
/// review.
struct ReviewText {
  private(set) var bytes: [UInt8] = []
  private var isFirst = true

  /// Writes `{"request": …, "response": null}`.
  ///
  /// - Throws: An `EncodingError` for what JSON cannot say.
  init(_ request: ReviewRequest) throws {
    self.bytes.reserveCapacity(512)
    self.open(#"{"request":{"#)
    self.field("annotations", request.annotations)
    // Pushed seldom, and with dates in them.
    if let constraints = request.constraints { self.field("constraints", try JSONValue(encoding: constraints)) }
    self.field("labels", request.labels)
    self.field("name", .string(request.name))
    self.field("namespace", .string(request.namespace))
    self.field("parameters", request.parameters)
    if let scaling = request.scaling {
      self.key("scaling")
      self.open("{")
      self.field("currentReplicas", .integer(scaling.currentReplicas))
      self.field("gameName", .string(scaling.gameName))
      self.field("maxReplicas", .integer(scaling.maxReplicas))
      self.field("minReplicas", .integer(scaling.minReplicas))
      self.field("readyReplicas", .integer(scaling.readyReplicas))
      self.close("}")
    }
    if let status = request.status { self.field("status", .string(status.rawValue)) }
    if let type = request.type { self.field("type", .string(type.rawValue)) }
    self.field("uid", .string(request.uid))
    self.close(#"},"response":null}"#)
  }

  private mutating func open(_ text: StaticString) {
    self.append(text)
    self.isFirst = true
  }

  private mutating func close(_ text: StaticString) {
    self.append(text)
    self.isFirst = false
  }

  private mutating func key(_ name: StaticString) {
    if !self.isFirst { self.bytes.append(UInt8(ascii: ",")) }
    self.isFirst = false
    self.bytes.append(UInt8(ascii: "\""))
    self.append(name)
    self.append("\":")
  }

  private mutating func field(_ name: StaticString, _ value: JSONValue) {
    self.key(name)
    value.serialize(into: &self.bytes)
  }

  private mutating func field(_ name: StaticString, _ values: [String: String]?) {
    guard let values else { return }
    self.key(name)
    self.append("{")
    var isFirst = true
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      if !isFirst { self.bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      JSONValue.string(key).serialize(into: &self.bytes)
      self.bytes.append(UInt8(ascii: ":"))
      JSONValue.string(value).serialize(into: &self.bytes)
    }
    self.append("}")
  }

  private mutating func append(_ text: StaticString) {
    self.bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
