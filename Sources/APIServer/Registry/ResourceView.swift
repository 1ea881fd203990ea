/// Another form in which the objects of a stored resource are served, under a group of its own.
struct ResourceView: Sendable {
  /// The resource that stores the objects.
  var storeResource: String
  /// A stored object in this form.
  var shown: @Sendable (APIObject) -> APIObject
  /// An object of this form as it is stored.
  var stored: @Sendable (APIObject) -> APIObject
  /// The names in the store of the fields that selectors may ask for, by those in this form.
  var fields: [String: String]
}
