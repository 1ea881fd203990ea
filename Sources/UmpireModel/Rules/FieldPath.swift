/// Where a field stands, as Kubernetes prints it: `spec.pod.containers[0].image`.
struct FieldPath: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  let description: String

  init(_ description: String) { self.description = description }

  init(stringLiteral value: String) { self.description = value }

  /// A field of the object at this path.
  subscript(field: String) -> FieldPath { FieldPath("\(self.description).\(field)") }

  /// An element of the list at this path.
  subscript(index: Int) -> FieldPath { FieldPath("\(self.description)[\(index)]") }

  /// An entry of the map at this path.
  func entry(_ key: String) -> FieldPath { FieldPath("\(self.description)[\(key)]") }
}
