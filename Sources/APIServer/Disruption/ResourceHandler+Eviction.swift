import KubernetesModel

extension ResourceHandler {
  /// Deletes a Pod if no disruption budget forbids it (`policy/v1` Eviction), as `kubectl drain` asks for.
  func evict() async throws -> APIResponse {
    try self.checkContentType()
    let eviction: JSONValue
    do {
      eviction = try JSONValue(parsing: self.request.body)
    } catch {
      throw APIFailure.badRequest("the object provided is unrecognized (must be of type Eviction): \(error)")
    }
    let name = self.path.name ?? ""
    if let told = eviction["metadata"]?["name"]?.stringValue, !told.isEmpty, told != name {
      throw APIFailure.badRequest("name in URL does not match name in Eviction object")
    }
    let options = try DeleteOptions(
      self.request.query, body: eviction["deleteOptions"].map { $0.isNull ? [] : $0.serialized() } ?? [])
    let pod = try self.decoded(try await self.stored())
    if !DisruptionBudget.isIdle(pod) { try await self.checkBudgets(of: pod) }
    _ = try await self.delete(try self.key(), options)
    return APIResponse(
      201, ["kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Success", "code": 201])
  }

  private func checkBudgets(of pod: APIObject) async throws {
    let labels = pod.labels
    let budgets = try await self.objects(BuiltInResources.disruptionBudgets).map(DisruptionBudget.init)
      .filter { $0.selector.matches(labels) }
    guard budgets.count <= 1 else {
      throw APIFailure(
        500, "InternalError",
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
    }
    guard let budget = budgets.first else { return }
    let pods = try await self.objects(BuiltInResources.pods, budget.selector)
    guard case .refused(let needed, let healthy) = budget.verdict(evicting: pod, among: pods) else { return }
    let cause: JSONValue = [
      "reason": "DisruptionBudget",
      "message": .string(
        "The disruption budget \(budget.name) needs \(needed) healthy pods and has \(healthy) currently"),
    ]
    throw APIFailure(
      429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
      details: ["causes": [cause]])
  }

  private func objects(_ resource: String, _ labels: LabelQuery = LabelQuery()) async throws -> [APIObject] {
    let query = StoreQuery(resource: resource, namespace: self.path.namespace, labels: labels)
    return try await self.context.store.list(query).objects.map { try $0.decoded() }
  }
}
