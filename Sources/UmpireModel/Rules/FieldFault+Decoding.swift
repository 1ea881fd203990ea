public import KubernetesModel

extension FieldFault {
  /// What is wrong with the field that could not be decoded.
  public init(decoding error: any Error) {
    guard let error = error as? DecodingError else {
      self = .ofWhole("the object cannot be read")
      return
    }
    switch error {
    case .keyNotFound(let key, let context): self = .required(Self.path(context.codingPath + [key]))
    case .valueNotFound(_, let context): self = .required(Self.path(context.codingPath))
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      self.init(
        field: Self.path(context.codingPath), reason: "FieldValueTypeInvalid",
        message: "Invalid value: \(context.debugDescription)")
    @unknown default: self = .ofWhole("the object cannot be read")
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce(into: "") { path, key in
      path += key.intValue.map { "[\($0)]" } ?? (path.isEmpty ? key.stringValue : ".\(key.stringValue)")
    }
  }
}
