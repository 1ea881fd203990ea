import KubernetesModel

/// A resource that is served: its names, its versions, and its rules.
struct ResourceDefinition: Sendable {
  /// What is special about a resource.
  struct Traits: OptionSet, Sendable {
    let rawValue: Int

    /// Comes from a CustomResourceDefinition.
    static let custom = Traits(rawValue: 1 << 0)
    /// An update may leave the resource version out.
    static let unconditionalUpdate = Traits(rawValue: 1 << 1)
    /// An update of an object that does not exist creates it.
    static let createOnUpdate = Traits(rawValue: 1 << 2)
    /// `metadata.generation` counts changes of the wanted state.
    static let generation = Traits(rawValue: 1 << 3)
    /// A deletion answers with the object instead of a Status.
    static let returnsDeletedObject = Traits(rawValue: 1 << 4)
    /// A review, which is answered and never stored.
    static let review = Traits(rawValue: 1 << 5)
    /// A deletion sets the deletion timestamp even if it removes the object at once.
    static let gracefulDeletion = Traits(rawValue: 1 << 6)
  }

  var group: String
  var names: Names
  var isNamespaced: Bool
  var traits: Traits
  /// In the order of preference; at least one.
  var versions: [Version]
  /// The revision of the definition's last change; 0 for a built-in resource.
  ///
  /// Objects written later fit it as they are.
  var revision: Int64 = 0
  /// Whether the definition is being deleted, so that nothing may be created.
  var isTerminating = false
  /// The resource that stores the objects in another form; nil for one that stores its own.
  var view: ResourceView?

  /// The names of a resource.
  struct Names: Sendable, Hashable {
    var plural: String
    var singular: String
    var kind: String
    var listKind: String
    var shortNames: [String] = []
    var categories: [String] = []
  }

  /// One version of a resource.
  struct Version: Sendable {
    var name: String
    var isServed = true
    var isStorage = true
    /// A warning for whoever uses the version; nil if it is not deprecated.
    var deprecation: String?
    var schema: StructuralSchema?
    /// The rules of the schema; nil if it has none.
    var validator: RuleValidator?
    /// The schema as it was written, for clients that want to read it.
    var schemaSource: JSONValue?
    var hasStatus = false
    var scale: ScalePaths?
    var columns: [PrinterColumn] = []
    /// The fields that field selectors may ask for, besides name and namespace.
    var selectableFields: [String] = []
    /// The values of those fields that count even if an object has none.
    var selectableDefaults: [String: String] = [:]
    var rules: any KindRules
  }

  /// Where a resource keeps what its scale subresource shows; paths of field names.
  struct ScalePaths: Sendable, Hashable {
    var specReplicas: [String]
    var statusReplicas: [String]
    var labelSelector: [String]?
  }

  /// `plural.group`: the name of the resource, and that of its CustomResourceDefinition.
  var name: String { self.group.isEmpty ? self.names.plural : "\(self.names.plural).\(self.group)" }

  /// The name in the store.
  var storeResource: String { self.view?.storeResource ?? self.name }

  var storageVersion: Version { self.versions.first(where: \.isStorage) ?? self.versions[0] }

  var verbs: [String] {
    if self.traits.contains(.review) { return ["create"] }
    // The order is kube-apiserver's for each of the two sorts.
    return self.traits.contains(.custom)
      ? ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
      : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
  }
}

/// A resource in the version that a request names.
struct ServedResource: Sendable {
  var definition: ResourceDefinition
  var version: ResourceDefinition.Version

  var group: String { self.definition.group }
  var kind: String { self.definition.names.kind }
  var apiVersion: String {
    self.group.isEmpty ? self.version.name : "\(self.group)/\(self.version.name)"
  }
  var isCustom: Bool { self.definition.traits.contains(.custom) }

  /// The resource as most errors name it.
  var name: GroupResource { GroupResource(group: self.group, resource: self.definition.names.plural) }
  /// The resource as errors of validation name it.
  var kindName: GroupResource { GroupResource(group: self.group, resource: self.kind) }

  func key(namespace: String?, name: String) -> StoreKey {
    StoreKey(resource: self.definition.storeResource, namespace: namespace ?? "", name: name)
  }

  /// The values of the selectable fields.
  func selectableValues(of object: APIObject) -> [String: String] {
    var values = self.version.selectableDefaults
    let object = self.storable(object)
    for field in self.definition.view.map({ Array($0.fields.values) }) ?? self.version.selectableFields {
      switch object[path: field] {
      case .string(let text): values[field] = text
      case .integer(let integer): values[field] = String(integer)
      case .bool(let bool): values[field] = String(bool)
      default: ()
      }
    }
    return values
  }

  /// The object as this version shows it.
  ///
  /// Versions differ in their name only.
  func present(_ object: APIObject) -> APIObject {
    guard object.apiVersion != self.apiVersion else { return object }
    if let view = self.definition.view { return view.shown(object) }
    var object = object
    object.apiVersion = self.apiVersion
    return object
  }

  /// The object in the form that is stored.
  func storable(_ object: APIObject) -> APIObject {
    if let view = self.definition.view { return view.stored(object) }
    return ServedResource(definition: self.definition, version: self.definition.storageVersion).present(object)
  }
}

/// A column of a table (`additionalPrinterColumns`).
struct PrinterColumn: Sendable {
  var name: String
  var type: String
  var format = ""
  var description = ""
  var priority: Int64 = 0
  var source: Source

  /// Where a cell comes from.
  enum Source: Sendable {
    case path(ColumnPath)
    /// Whatever is worked out of the object and the present time.
    case computed(@Sendable (APIObject, Timestamp) -> JSONValue)
    /// How many elements the list at a path has.
    case count(ColumnPath)
    /// How many of a Pod's containers are ready, of how many: `1/2`.
    case readyContainers
    /// What a Pod is doing, in one word: why a container waits, `Terminating`, or the phase.
    case podState
    /// How often a Pod's containers have been started again.
    case restarts
  }
}
