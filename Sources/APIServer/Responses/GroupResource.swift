/// A resource and its group, as errors name them: `widgets.stable.example.com`, or `pods` for the core group.
struct GroupResource: Sendable, Hashable, CustomStringConvertible {
  var group: String
  /// The plural, or the kind where the real server names the kind.
  var resource: String

  var description: String { self.group.isEmpty ? self.resource : "\(self.resource).\(self.group)" }
}
