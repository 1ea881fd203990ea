import KubernetesModel

/// What is particular to the objects of a kind.
///
/// Everything is a function on values.
protocol KindRules: Sendable {
  /// Fills in what a client may leave out.
  func applyDefaults(to object: inout APIObject)
  /// Clears or sets what a client has no say in when it creates an object.
  func prepareForCreate(_ object: inout APIObject)
  /// The same for an update of everything but the status.
  func prepareForUpdate(_ object: inout APIObject, from old: APIObject)
  /// The part of an object whose changes `metadata.generation` counts.
  func wanted(of object: APIObject) -> JSONValue
  /// Every fault beyond those of the metadata and the schema.
  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault]
  /// What is wrong with a name; nil if nothing is.
  func fault(inName name: String) -> String?
  /// The grace period that a deletion gets, in seconds; 0 deletes at once.
  func gracePeriod(deleting object: APIObject, requested: Int64?) -> Int64
}

extension KindRules {
  func applyDefaults(to object: inout APIObject) {}
  func prepareForCreate(_ object: inout APIObject) {}
  func prepareForUpdate(_ object: inout APIObject, from old: APIObject) {}
  func wanted(of object: APIObject) -> JSONValue { object.json["spec"] ?? object.json["webhooks"] ?? .null }
  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] { [] }
  func fault(inName name: String) -> String? { LabelSyntax.fault(inSubdomain: name) }
  func gracePeriod(deleting object: APIObject, requested: Int64?) -> Int64 { 0 }
}

/// The rules of kinds that have none of their own.
struct PlainRules: KindRules {}
