import KubernetesModel

extension Quantity {
  /// Reads a text or a number; nil if it is no quantity.
  init?(_ json: JSONValue?) {
    switch json {
    case .string(let text): self.init(text)
    case .integer(let number): self.init(String(number))
    case .double(let number): self.init(String(number))
    default: return nil
    }
  }
}

extension JSONValue {
  /// The amounts by name, each in the form in which servers write it; what is none stays as it is.
  var withCanonicalQuantities: JSONValue {
    guard let fields = self.objectValue else { return self }
    return .object(fields.mapValues { value in Quantity(value).map { .string($0.description) } ?? value })
  }

  /// Brings the amounts at a field into the form in which servers write them.
  mutating func canonicalizeQuantities(_ field: String) {
    if let amounts = self[field], amounts.objectValue != nil { self[field] = amounts.withCanonicalQuantities }
  }
}
