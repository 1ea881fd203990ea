import KubernetesModel

/// A kind that is served without a CustomResourceDefinition, described by its differences from the defaults.
struct BuiltInKind: Sendable {
  /// Empty for the core group.
  var group: String
  var plural: String
  var kind: String
  var isNamespaced = true
  var shortNames: [String] = []
  var categories: [String] = []
  var traits: ResourceDefinition.Traits = []
  /// Whether an update may leave the resource version out.
  var allowsUnconditionalUpdate = true
  var rules: any KindRules = PlainRules()
  var hasStatus = false
  var scale: ResourceDefinition.ScalePaths?
  var schema: StructuralSchema?
  /// The fields that field selectors may ask for, besides name and namespace.
  var fields: [String] = []
  /// The values of those fields that count even if an object has none.
  var fieldDefaults: [String: String] = [:]
  /// The resource that stores the objects in another form.
  var view: ResourceView?
  /// The columns after the name.
  var columns: [PrinterColumn] = []

  /// Describes a kind; `change` sets what differs from the defaults.
  init(group: String = "", _ plural: String, _ kind: String, _ change: (inout BuiltInKind) -> Void = { _ in }) {
    self.group = group
    self.plural = plural
    self.kind = kind
    change(&self)
  }

  /// The resource in its one version, `v1`.
  var definition: ResourceDefinition {
    var definition = ResourceDefinition(
      group: self.group,
      names: ResourceDefinition.Names(
        plural: self.plural, singular: self.kind.lowercased(), kind: self.kind, listKind: "\(self.kind)List",
        shortNames: self.shortNames, categories: self.categories),
      isNamespaced: self.isNamespaced,
      traits: self.allowsUnconditionalUpdate ? self.traits.union(.unconditionalUpdate) : self.traits,
      versions: [
        ResourceDefinition.Version(
          name: "v1", schema: self.schema, hasStatus: self.hasStatus, scale: self.scale, columns: self.columns,
          selectableFields: self.view.map { $0.fields.keys.sorted() } ?? self.fields,
          selectableDefaults: self.fieldDefaults, rules: self.rules)
      ])
    definition.view = self.view
    return definition
  }
}
