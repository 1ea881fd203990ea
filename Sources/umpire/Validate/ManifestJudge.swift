import APIServer
import KubernetesModel
import UmpireLocal
import UmpireModel

/// Judges objects by the schemas that the program carries, by the rules, and beside each other.
struct ManifestJudge {
  private var schemas: [String: ObjectSchema] = [:]

  /// Reads the schemas.
  init() throws(LocalError) {
    for definition in try LocalCluster.customResourceDefinitions() {
      guard let kind = definition.object["spec"]?["names"]?["kind"]?.stringValue else { continue }
      self.schemas[kind] = ObjectSchema(definition.object, version: UmpireModel.Umpire.version)
    }
  }

  /// Says what is wrong with everything that was given.
  func report(on input: ManifestInput) -> ManifestReport {
    var report = ManifestReport()
    for file in input.malformed { report.add(file.message, file: file.file) }
    let documents = input.documents.flatMap(Self.items)
    let readings = documents.map(self.read)
    var known = KnownObjects(readings.compactMap(\.object))
    for (document, reading) in zip(documents, readings) {
      switch reading.outcome {
      case .foreign: report.skip(document)
      case .nameless(let message): report.add(message, document)
      case .read:
        report.count(document)
        let problems = reading.object.map { known.problems(of: $0) } ?? []
        report.add(reading.problems(with: problems), document)
      }
    }
    return report
  }

  /// The objects of a list, as `kubectl get` writes it, or the object itself.
  private static func items(of document: ManifestDocument) -> [ManifestDocument] {
    guard document.object["kind"] == "List", document.object["apiVersion"] == "v1",
      let items = document.object["items"]?.arrayValue
    else { return [document] }
    return items.map { item in
      var document = document
      document.object = item
      return document
    }
  }

  private func read(_ document: ManifestDocument) -> ManifestReading {
    let object = document.object
    guard let version = object["apiVersion"]?.stringValue, let kind = object["kind"]?.stringValue else {
      return ManifestReading(outcome: .nameless("an object has an apiVersion and a kind, both texts"))
    }
    guard version.prefix(while: { $0 != "/" }) == UmpireModel.Umpire.group else {
      return ManifestReading(outcome: .foreign)
    }
    guard version == UmpireModel.Umpire.apiVersion, let schema = self.schemas[kind] else {
      let kinds = UmpireObject.kinds.joined(separator: ", ")
      return ManifestReading(
        outcome: .nameless("no kind \"\(kind)\" in \(version); \(UmpireModel.Umpire.apiVersion) has \(kinds)"))
    }
    var reading = ManifestReading(outcome: .read)
    let result = schema.read(object)
    reading.unknownFields = result.unknownFields
    reading.faults = result.faults
    do throws(FieldFault) {
      reading.object = try UmpireObject(result.object, kind: kind)
    } catch {
      // The schema mostly says the same, and more of it.
      if reading.faults.isEmpty { reading.faults = [error] }
    }
    return reading
  }
}

/// What can be said of one object alone.
private struct ManifestReading {
  enum Outcome {
    case read, foreign
    case nameless(String)
  }

  var outcome: Outcome
  var object: UmpireObject?
  var unknownFields: [String] = []
  var faults: [FieldFault] = []

  /// All that is wrong, errors first: of two that speak of one field the rule's word is the better one.
  func problems(with problems: [FieldProblem]) -> [FieldProblem] {
    let fields = Set(problems.errors.map(\.field))
    let faults = self.faults.filter { !fields.contains($0.field) }.map(Self.discreet)
    let unknown = self.unknownFields.map { field in
      FieldFault(field: field, reason: "FieldValueForbidden", message: "unknown field")
    }
    return (faults + problems.errors).map { FieldProblem($0, .error) }
      + (problems.warnings + unknown).map { FieldProblem($0, .warning) }
  }

  /// A fault without the value of a field in which people leave passwords and keys.
  private static func discreet(_ fault: FieldFault) -> FieldFault {
    let isDelicate =
      [".url", ".caBundle"].contains(where: fault.field.hasSuffix) || fault.field.contains(".parameters[")
    guard isDelicate, fault.message.hasPrefix("Invalid value: ") else { return fault }
    var fault = fault
    fault.message = "Invalid value: not what the field takes"
    return fault
  }
}

/// The objects that are given together.
private struct KnownObjects {
  private var configurations: [ObjectKey: WebhookConfiguration] = [:]
  private var autoscalers: [GameAutoscaler] = []

  init(_ objects: [UmpireObject]) {
    for case .webhookConfiguration(let configuration) in objects {
      self.configurations[configuration.key] = configuration
    }
  }

  /// What is wrong with an object beside the others; of two autoscalers the later one is too many.
  mutating func problems(of object: UmpireObject) -> [FieldProblem] {
    let configuration = object.webhookConfigurationName.flatMap { name in
      self.configurations[ObjectKey(namespace: object.metadata.namespace, name: name)]
    }
    let problems = object.problems(among: .init(configuration: configuration, autoscalers: self.autoscalers))
    if case .gameAutoscaler(let autoscaler) = object { self.autoscalers.append(autoscaler) }
    return problems
  }
}
