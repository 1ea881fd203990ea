import KubernetesModel

/// The built-in admission of new objects, which runs before webhooks.
extension ResourceHandler {
  /// The object with all that is added to it.
  ///
  /// - Throws: ``APIFailure`` with code 403 for one that is not admitted.
  func admitted(_ body: APIObject) async throws -> APIObject {
    switch self.resource.definition.name {
    case BuiltInResources.pods: return try await self.admittedPod(body)
    case BuiltInResources.nodes: return Self.admittedNode(body)
    case BuiltInResources.priorityClasses:
      try await self.checkDefault(body)
      return body
    default: return body
    }
  }

  // MARK: Pods

  private func admittedPod(_ body: APIObject) async throws -> APIObject {
    let account = PodAdmission.accountName(of: body)
    let namespace = self.path.namespace ?? ""
    let key = StoreKey(resource: BuiltInResources.serviceAccounts, namespace: namespace, name: account)
    let found = try await self.context.store.object(key)?.decoded()
    guard found != nil || self.context.configuration.admitsUnknownServiceAccounts else {
      throw self.notAdmitted(
        body,
        "error looking up service account \(namespace)/\(account): serviceaccount \"\(account)\" not found")
    }
    let priority = try await self.priority(of: body)
    for (field, wanted, computed) in [
      ("priority", body[path: "spec.priority"], JSONValue.integer(priority.value)),
      ("preemptionPolicy", body[path: "spec.preemptionPolicy"], .string(priority.preemptionPolicy)),
    ] {
      guard let wanted, wanted != .null, wanted != computed else { continue }
      throw self.notAdmitted(
        body,
        "the value of \(field) (\(FieldFault.text(wanted))) must not be provided in pod spec; priority admission "
          + "controller computed \(FieldFault.text(computed)) from the given PriorityClass name")
    }
    var pod = body
    PodAdmission(account: found, priority: priority, suffix: NameSuffix.random).apply(to: &pod)
    return pod
  }

  private func priority(of pod: APIObject) async throws -> PodAdmission.Priority {
    let classes = try await self.context.store.list(
      StoreQuery(resource: BuiltInResources.priorityClasses, namespace: nil)
    ).objects
    let wanted = pod[path: "spec.priorityClassName"]?.stringValue ?? ""
    var priority = PodAdmission.Priority()
    for stored in classes where wanted.isEmpty || stored.key.name == wanted {
      let object = try stored.decoded()
      guard !wanted.isEmpty || object.json["globalDefault"] == true else { continue }
      priority.name = stored.key.name
      priority.value = object.json["value"]?.integerValue ?? 0
      priority.preemptionPolicy = object.json["preemptionPolicy"]?.stringValue ?? priority.preemptionPolicy
      return priority
    }
    guard wanted.isEmpty else {
      throw self.notAdmitted(pod, "no PriorityClass with name \(wanted) was found")
    }
    return priority
  }

  // MARK: Other kinds

  /// Adds the taint that keeps Pods away until the node is ready.
  private static func admittedNode(_ body: APIObject) -> APIObject {
    let taint: JSONValue = ["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]
    var node = body
    var taints = node[path: "spec.taints"]?.arrayValue ?? []
    guard !taints.contains(where: { $0["key"] == taint["key"] && $0["effect"] == taint["effect"] }) else { return node }
    taints.append(taint)
    if node.json["spec"] == nil { node.json["spec"] = .object([:]) }
    node.json["spec"]?["taints"] = .array(taints)
    return node
  }

  /// Checks that no other class is the default.
  private func checkDefault(_ body: APIObject) async throws {
    guard body.json["globalDefault"] == true else { return }
    let query = StoreQuery(resource: BuiltInResources.priorityClasses, namespace: nil)
    for other in try await self.context.store.list(query).objects where other.key.name != body.name {
      guard try other.decoded().json["globalDefault"] == true else { continue }
      throw self.notAdmitted(
        body, "PriorityClass \(other.key.name) is already marked as default. Only one default can exist")
    }
  }

  private func notAdmitted(_ object: APIObject, _ detail: String) -> APIFailure {
    .forbidden(self.resource.name, object.name ?? object.generateName ?? "", detail)
  }

  // MARK: Namespaces

  /// Creates the service account `default` of a new namespace.
  func createDefaultAccount(in namespace: String) async throws {
    guard let resource = self.snapshot.resource(storeResource: BuiltInResources.serviceAccounts) else { return }
    let path = ResourcePath(
      group: resource.group, version: resource.version.name, namespace: namespace,
      plural: resource.definition.names.plural)
    let handler = ResourceHandler(
      context: self.context, resource: resource, path: path, request: self.request, snapshot: self.snapshot,
      user: .server, admission: nil)
    do {
      _ = try await handler.createByServer(BuiltInObjects.defaultAccount)
    } catch let failure as APIFailure where [403, 404, 409].contains(failure.code) {
      // The account exists already, or the namespace is being deleted.
      return
    }
  }

  /// Creates an object of the server's own.
  func createByServer(_ body: APIObject) async throws -> APIObject {
    var options = try WriteOptions(RequestQuery(""), kind: "CreateOptions")
    options.fieldManager = ObjectEditor.manager
    return try await self.create(body, options: options)
  }
}
