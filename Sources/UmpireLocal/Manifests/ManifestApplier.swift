package import KubernetesClient
import KubernetesModel

/// Applies manifests as `kubectl apply` does: creates what is not there, and changes what differs.
package struct ManifestApplier: Sendable {
  let client: APIClient

  package init(client: APIClient) { self.client = client }

  /// What became of one object.
  package enum Outcome: String, Sendable {
    case created, configured, unchanged
  }

  /// Applies every document, or none: each is tried without effect first, so that one fault leaves nothing half done.
  ///
  /// - Parameter report: told of each object, as `gametype.umpire.dev/arena created`.
  /// - Throws: ``LocalError`` with every fault, worded as kubectl words it.
  package func apply(
    _ documents: [ManifestDocument], report: (String) -> Void = { _ in }
  ) async throws {
    // Kinds that other documents are of must be known before these can be tried.
    let kinds = documents.filter { $0.kind == "CustomResourceDefinition" || $0.kind == "Namespace" }
    let others = documents.filter { document in !kinds.contains(document) }
    var faults = await self.faults(in: kinds)
    guard faults.isEmpty else { throw LocalError(.badData, faults.joined(separator: "\n")) }
    for document in kinds { report(try await self.apply(document)) }
    faults = await self.faults(in: others)
    guard faults.isEmpty else { throw LocalError(.badData, faults.joined(separator: "\n")) }
    for document in others { report(try await self.apply(document)) }
  }

  private func faults(in documents: [ManifestDocument]) async -> [String] {
    var faults: [String] = []
    for document in documents {
      do {
        _ = try await self.apply(document, isDryRun: true)
      } catch let error as LocalError {
        faults.append(error.message)
      } catch {
        faults.append("\(document.file):\(document.line): \(error)")
      }
    }
    return faults
  }

  private func apply(_ document: ManifestDocument, isDryRun: Bool = false) async throws -> String {
    do {
      let type = try await self.resourceType(of: document)
      let namespace = type.isNamespaced ? document.namespace ?? self.client.defaultNamespace : nil
      let outcome = try await self.send(document, type, namespace: namespace, isDryRun: isDryRun)
      let kind = type.group.isEmpty ? type.kind.lowercased() : "\(type.kind.lowercased()).\(type.group)"
      return "\(kind)/\(document.name) \(outcome.rawValue)"
    } catch let error as APIError {
      throw LocalError(.badData, Self.wording(of: error, for: document))
    }
  }

  private func send(
    _ document: ManifestDocument, _ type: ResourceType, namespace: String?, isDryRun: Bool
  ) async throws -> Outcome {
    let key = ObjectKey(namespace: namespace, name: document.name)
    let existing: JSONValue?
    do {
      existing = try await self.client.send(.get(type, key), as: JSONValue.self)
    } catch let error as APIError where error.isNotFound {
      existing = nil
    }
    guard let existing else {
      var request = ResourceRequest.create(
        type, namespace: namespace, body: document.object.serialized(), fieldManager: self.client.fieldManager)
      if isDryRun { request.query.append(.dryRun) }
      request.query.append(.strictFields)
      _ = try await self.client.send(request)
      return .created
    }
    // Only what the manifest names is changed; what others have set stays.
    let changed = existing.applying(mergePatch: document.object)
    if changed == existing { return .unchanged }
    var request = ResourceRequest.patch(
      type, key, kind: .merge, body: document.object.serialized(), fieldManager: self.client.fieldManager)
    if isDryRun { request.query.append(.dryRun) }
    request.query.append(.strictFields)
    let result = try await self.client.send(request, as: JSONValue.self)
    let version: (JSONValue) -> JSONValue? = { $0["metadata"]?["resourceVersion"] }
    return version(result) == version(existing) ? .unchanged : .configured
  }

  private struct Discovery: Decodable {
    struct Resource: Decodable {
      var name: String
      var kind: String
      var namespaced: Bool
    }
    var resources: [Resource]
  }

  private func resourceType(of document: ManifestDocument) async throws -> ResourceType {
    let parts = document.apiVersion.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let (group, version) = parts.count == 2 ? (parts[0], parts[1]) : ("", document.apiVersion)
    let missing = LocalError(
      .badData,
      "\(document.file):\(document.line): no matches for kind \"\(document.kind)\" in version \"\(document.apiVersion)\""
    )
    let discovery: Discovery
    do {
      discovery = try await self.client.send(.discovery(group: group, version: version), as: Discovery.self)
    } catch let error as APIError where error.isNotFound {
      throw missing
    }
    guard let resource = discovery.resources.first(where: { $0.kind == document.kind && !$0.name.contains("/") }) else {
      throw missing
    }
    return ResourceType(
      group: group, version: version, kind: resource.kind, plural: resource.name, isNamespaced: resource.namespaced)
  }

  /// As kubectl words it: `The GameType "x" is invalid: …`, one line a cause.
  static func wording(of error: APIError, for document: ManifestDocument) -> String {
    let place = "\(document.file):\(document.line): "
    guard let status = error.status else { return place + error.message }
    guard status.isInvalid, let causes = status.details?.causes, !causes.isEmpty else {
      return place + "Error from server (\(status.reason ?? "Unknown")): \(status.message ?? "")"
    }
    let lines = causes.map { cause in "\(cause.field.map { "\($0): " } ?? "")\(cause.message ?? "")" }
    let head = "\(place)The \(document.kind) \"\(document.name)\" is invalid:"
    return lines.count == 1 ? "\(head) \(lines[0])" : ([head] + lines.map { "* \($0)" }).joined(separator: "\n")
  }
}

extension ResourceRequest.QueryItem {
  static let dryRun = ResourceRequest.QueryItem(name: "dryRun", value: "All")
  static let strictFields = ResourceRequest.QueryItem(name: "fieldValidation", value: "Strict")
}
