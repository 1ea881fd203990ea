import KubernetesModel

/// One rule of a schema (`x-kubernetes-validations`), as it is written.
struct SchemaRule: Sendable, Hashable {
  /// How a fault of a rule is reported.
  enum Reason: String, Sendable, CaseIterable {
    case duplicate = "FieldValueDuplicate"
    case forbidden = "FieldValueForbidden"
    case invalid = "FieldValueInvalid"
    case required = "FieldValueRequired"
  }

  /// The expression.
  var rule: String
  /// Empty for none, as are the other texts.
  var message: String
  var messageExpression: String
  var reason: String?
  /// Where the fault lies, from the rule's place on, such as `.spec.size`.
  var fieldPath: String
  var optionalOldSelf: Bool?

  init(_ json: JSONValue) {
    func text(_ field: String) -> String { json[field]?.stringValue ?? "" }
    self.rule = text("rule")
    self.message = text("message")
    self.messageExpression = text("messageExpression")
    self.reason = json["reason"]?.stringValue
    self.fieldPath = text("fieldPath")
    self.optionalOldSelf = json["optionalOldSelf"]?.boolValue
  }

  /// What the rule says, or else the rule.
  var shownText: String { (self.message.isEmpty ? self.rule : self.message).trimmingWhitespace }

  /// What is reported of an object that breaks the rule and for which no expression has a message.
  var defaultMessage: String { self.message.isEmpty ? "failed rule: \(self.shownText)" : self.shownText }

  /// The rule as kube-apiserver's faults show it.
  var shownValue: String {
    func text(_ value: String) -> String {
      // Escaped for HTML as well, as Go's encoder does by default.
      var result = ""
      for scalar in FieldFault.jsonText(value).unicodeScalars {
        switch scalar {
        case "<": result += "\\u003c"
        case ">": result += "\\u003e"
        case "&": result += "\\u0026"
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result
    }
    let reason = self.reason.map(text) ?? "null"
    let optional = self.optionalOldSelf.map { $0 ? "true" : "false" } ?? "null"
    return "{\"Rule\":\(text(self.rule)),\"Message\":\(text(self.message)),\"MessageExpression\":"
      + "\(text(self.messageExpression)),\"Reason\":\(reason),\"FieldPath\":\(text(self.fieldPath)),"
      + "\"OptionalOldSelf\":\(optional)}"
  }
}

extension FieldFault {
  /// A text as JSON, whatever its length.
  static func jsonText(_ text: String) -> String {
    String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmingWhitespace: String {
    var scalars = self.unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars = scalars.dropFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars = scalars.dropLast() }
    return String(scalars)
  }

  /// Whether a line ends within the text.
  var hasLineBreak: Bool { self.unicodeScalars.contains { $0 == "\n" || $0 == "\r" } }
}
