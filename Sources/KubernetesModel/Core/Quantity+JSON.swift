extension Quantity {
  /// Reads a text or a number; nil if it is no quantity.
  package init?(_ json: JSONValue?) {
    switch json {
    case .string(let text): self.init(text)
    case .integer(let number): self.init(String(number))
    case .double(let number): self.init(String(number))
    default: return nil
    }
  }
}

extension JSONValue {
  /// The quantities by name in canonical form; other values are unchanged.
  package var withCanonicalQuantities: JSONValue {
    guard let fields = self.objectValue else { return self }
    return .object(fields.mapValues { value in Quantity(value).map { .string($0.description) } ?? value })
  }

  /// Brings the quantities at a field into canonical form.
  package mutating func canonicalizeQuantities(_ field: String) {
    if let amounts = self[field], amounts.objectValue != nil { self[field] = amounts.withCanonicalQuantities }
  }
}
