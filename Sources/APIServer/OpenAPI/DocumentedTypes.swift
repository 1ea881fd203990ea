/// The types of the built-in kinds by name, for those who ask what a field means.
///
/// They name what is served and used here; what they leave out is stored all the same.
enum DocumentedTypes {
  static let byName: [String: DocumentedType] = {
    let types =
      Self.meta + Self.objects + Self.pods + Self.containers + Self.admission + Self.access + Self.workloads
    var named = Dictionary(types.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    // The one kind of which there are two forms.
    named["Event.events.k8s.io"] = Self.newEvent
    return named
  }()

  /// A type and all that it refers to, by name.
  static func closure(of names: [String]) -> [DocumentedType] {
    var found: [String: DocumentedType] = [:]
    var pending = names
    while let name = pending.popLast() {
      guard found[name] == nil, let type = Self.byName[name] else { continue }
      found[name] = type
      pending += type.references
    }
    return found.values.sorted { $0.schemaName < $1.schemaName }
  }

  /// A kind: its own fields, after those that every object has.
  static func kind(
    _ name: String, _ package: String, _ description: String, _ fields: [DocumentedType.Field]
  ) -> DocumentedType {
    DocumentedType(name: name, package: package, description: description, fields: Self.objectFields + fields)
  }

  /// A type that is no kind of its own.
  static func type(
    _ name: String, _ package: String, _ description: String, _ fields: [DocumentedType.Field]
  ) -> DocumentedType {
    DocumentedType(name: name, package: package, description: description, fields: fields)
  }

  static func core(_ name: String, _ description: String, _ fields: [DocumentedType.Field]) -> DocumentedType {
    DocumentedType(name: name, package: "io.k8s.api.core.v1", description: description, fields: fields)
  }

  private static func meta(
    _ name: String, _ description: String, _ fields: [DocumentedType.Field]
  ) -> DocumentedType {
    DocumentedType(
      name: name, package: "io.k8s.apimachinery.pkg.apis.meta.v1", description: description, fields: fields)
  }

  static let objectFields: [DocumentedType.Field] = [
    .field("apiVersion", .text, "The group and version of the object's form, such as v1."),
    .field("kind", .text, "The kind of the object, in CamelCase. It cannot be changed."),
    .field("metadata", .type("ObjectMeta"), "Name, labels and what else every object has."),
  ]

  private static let meta: [DocumentedType] = [
    Self.meta(
      "ObjectMeta", "What every stored object has.",
      [
        .field("name", .text, "The name, unique within a namespace. It cannot be changed."),
        .field("generateName", .text, "What the server puts before a suffix of its own if no name is given."),
        .field("namespace", .text, "The namespace in which the name is unique. It cannot be changed."),
        .field("labels", .map(.text), "Keys and values that selectors go by."),
        .field("annotations", .map(.text), "Keys and values for tools; they cannot be searched for."),
        .field("uid", .text, "Names this object for ever, and no later one of the same name. Set by the server."),
        .field("resourceVersion", .text, "Changes with every write. Opaque; set by the server."),
        .field("generation", .long, "Counts the changes of what is wanted. Set by the server."),
        .field("creationTimestamp", .time, "When the object was created. Set by the server."),
        .field(
          "deletionTimestamp", .time, "When the object is to be gone, once it is being deleted. Set by the server."),
        .field("deletionGracePeriodSeconds", .long, "How long the object has to end. Set by the server."),
        DocumentedType.Field(
          name: "finalizers", form: .list(.text),
          description: "Who must agree before the object is removed; each removes its own entry."),
        .merged("ownerReferences", .type("OwnerReference"), by: "uid", "The objects whose end is this one's end."),
        .field("managedFields", .list(.open), "Which manager wrote which field. Kept by the server."),
        .field("selfLink", .text, "No longer set."),
      ]),
    Self.meta(
      "OwnerReference", "Names an object that owns this one, in the same namespace.",
      [
        .required("apiVersion", .text, "The owner's group and version."),
        .required("kind", .text, "The owner's kind."),
        .required("name", .text, "The owner's name."),
        .required("uid", .text, "The owner's UID."),
        .field("controller", .flag, "Whether the owner is the one that manages this object."),
        .field("blockOwnerDeletion", .flag, "Whether the owner must stay until this object is gone."),
      ]),
    Self.meta(
      "Condition", "One aspect of an object's state.",
      [
        .required("type", .text, "Which aspect, in CamelCase."),
        .required("status", .text, "True, False or Unknown."),
        .field("reason", .text, "Why, in one word for programs."),
        .field("message", .text, "Why, for people."),
        .field("lastTransitionTime", .time, "When the status last changed."),
        .field("lastProbeTime", .time, "When the status was last looked at."),
        .field("observedGeneration", .long, "The generation that the condition speaks of."),
      ]),
  ]
}
