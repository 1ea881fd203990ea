import KubernetesModel

/// A write, as webhooks are asked about it.
struct AdmissionSubject: Sendable {
  enum Operation: String, Sendable { case create = "CREATE", update = "UPDATE", delete = "DELETE" }

  var operation: Operation
  var resource: ServedResource
  /// Empty for the object as a whole.
  var subresource = ""
  /// The kind of the object where a part of a resource has one of its own.
  var partKind: PartKind?
  /// Empty if the server is to make a name.
  var name: String
  /// Empty if there is none.
  var namespace: String
  /// The object as it is to be; null if it is to go.
  var object: JSONValue
  /// The object as it is; null if there is none yet.
  var oldObject: JSONValue
  /// The request's options, such as `CreateOptions`.
  var options: JSONValue
  var isDryRun: Bool
  var user: RequestUser

  /// The kind of what a part of a resource reads and writes.
  enum PartKind: Sendable {
    case scale, binding

    var json: JSONValue {
      switch self {
      case .scale: ["group": "autoscaling", "version": "v1", "kind": "Scale"]
      case .binding: ["group": "", "version": "v1", "kind": "Binding"]
      }
    }
  }

  /// Whether it is about a namespace, or a part of one.
  var isNamespace: Bool { self.resource.definition.storeResource == BuiltInResources.namespaces }

  // MARK: Whom it concerns

  /// The version in which a webhook is asked; nil if its rules or its object selector leave this write out.
  func version(asking webhook: AdmissionWebhook) -> ResourceDefinition.Version? {
    let labels = [self.object, self.oldObject].filter { !$0.isNull }.map { APIObject($0).labels }
    guard webhook.objectSelector.requirements.isEmpty || labels.contains(where: webhook.objectSelector.matches) else {
      return nil
    }
    let others = self.resource.definition.versions.filter { $0.isServed && $0.name != self.resource.version.name }
    let versions = [self.resource.version] + (webhook.matchesAllVersions ? others : [])
    return versions.first { version in webhook.rules.contains { $0.matches(self, version: version.name) } }
  }

  // MARK: The question

  /// The question: an `AdmissionReview` with a request.
  func review(uid: String, version: ResourceDefinition.Version) -> JSONValue {
    let asked = ServedResource(definition: self.resource.definition, version: version)
    var request = self.request(asked)
    request["uid"] = .string(uid)
    request["object"] = self.shown(self.object, asked)
    request["oldObject"] = self.shown(self.oldObject, asked)
    return ["apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request]
  }

  /// An object in the version that a webhook asks for.
  func shown(_ object: JSONValue, _ resource: ServedResource) -> JSONValue {
    object.isNull || self.partKind != nil ? object : resource.present(APIObject(object)).json
  }
}
