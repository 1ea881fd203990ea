import KubernetesModel
import Logging
import Synchronization

/// The webhooks that one request has to pass, and what they warn its client of.
///
/// Nothing is locked while a webhook is asked: what was read before is compared again when the write is made.
final class AdmissionSession: Sendable {
  /// How many validating webhooks are asked at once.
  private static let maximumQuestions = 16

  private let webhooks: AdmissionRegistry.Snapshot
  private let caller: AdmissionCaller
  private let logger: Logger
  /// Who writes.
  let user: RequestUser
  private let recorded = Mutex(AdmissionWarnings())

  init(_ webhooks: AdmissionRegistry.Snapshot, _ caller: AdmissionCaller, user: RequestUser, logger: Logger) {
    self.webhooks = webhooks
    self.caller = caller
    self.user = user
    self.logger = logger
  }

  /// What the client is to be warned of, so far.
  var warnings: [String] { self.recorded.withLock { $0.texts } }

  // MARK: Mutation

  /// The object of a write with all that mutating webhooks make of it, one after the other.
  ///
  /// - Parameter read: reads a changed object as if a client had sent it.
  /// - Throws: ``APIFailure`` if one refuses the write, or cannot be asked and must be.
  func mutated(
    _ subject: AdmissionSubject, read: (JSONValue) throws(APIFailure) -> JSONValue
  ) async throws -> JSONValue {
    guard !self.webhooks.mutating.isEmpty else { return subject.object }
    var subject = subject
    var rounds = AdmissionRounds()
    for index in self.webhooks.mutating.indices { try await self.mutate(&subject, index, &rounds, read) }
    for index in rounds.due.sorted() { try await self.mutate(&subject, index, &rounds, read) }
    return subject.object
  }

  private func mutate(
    _ subject: inout AdmissionSubject, _ index: Int, _ rounds: inout AdmissionRounds,
    _ read: (JSONValue) throws(APIFailure) -> JSONValue
  ) async throws {
    let webhook = self.webhooks.mutating[index]
    guard let version = try await self.version(asking: webhook, about: subject) else { return }
    let answer = try await self.ask(webhook, about: subject, in: version, isMutating: true)
    let old = subject.object
    if let patch = answer?.patch {
      subject.object = try Self.patched(subject, patch, by: webhook, in: version, read)
    }
    rounds.note(index, changedObject: subject.object != old, isReinvoked: webhook.isReinvoked)
  }

  private static func patched(
    _ subject: AdmissionSubject, _ patch: JSONPatch, by webhook: AdmissionWebhook,
    in version: ResourceDefinition.Version, _ read: (JSONValue) throws(APIFailure) -> JSONValue
  ) throws(APIFailure) -> JSONValue {
    guard !subject.object.isNull else {
      throw .faultOfWebhook(
        "admission webhook \"\(webhook.name)\" attempted to modify the object, which is not supported for this "
          + "operation")
    }
    let resource = ServedResource(definition: subject.resource.definition, version: version)
    let patched: JSONValue
    do {
      patched = try subject.shown(subject.object, resource).applying(patch)
    } catch {
      throw .faultOfWebhook("the patch of admission webhook \"\(webhook.name)\" cannot be applied: \(error)")
    }
    do {
      return try read(subject.shown(patched, subject.resource).keepingServerFields(of: subject.object))
    } catch {
      throw .faultOfWebhook("admission webhook \"\(webhook.name)\" made an unusable object: \(error.message)")
    }
  }

  // MARK: Validation

  /// Asks the validating webhooks, several at once.
  ///
  /// - Throws: ``APIFailure`` of the first, in their order, that refuses the write, or cannot be asked and must be.
  func validate(_ subject: AdmissionSubject) async throws {
    var pending: [(webhook: AdmissionWebhook, version: ResourceDefinition.Version)] = []
    for webhook in self.webhooks.validating {
      if let version = try await self.version(asking: webhook, about: subject) { pending.append((webhook, version)) }
    }
    guard pending.count > 1 else {
      if let (webhook, version) = pending.first {
        _ = try await self.ask(webhook, about: subject, in: version, isMutating: false)
      }
      return
    }
    let failures = try await withThrowingTaskGroup(of: (Int, APIFailure?).self) { group in
      var failures: [(index: Int, failure: APIFailure)] = []
      func take(_ result: (Int, APIFailure?)?) {
        if let (index, failure) = result, let failure { failures.append((index, failure)) }
      }
      for (index, (webhook, version)) in pending.enumerated() {
        if index >= Self.maximumQuestions { take(try await group.next()) }
        group.addTask {
          do {
            _ = try await self.ask(webhook, about: subject, in: version, isMutating: false)
            return (index, nil)
          } catch let failure as APIFailure {
            return (index, failure)
          }
        }
      }
      while let result = try await group.next() { take(result) }
      return failures
    }
    if let first = failures.min(by: { $0.index < $1.index }) { throw first.failure }
  }

  // MARK: Both

  /// The version in which a webhook is to be asked; nil if it is not to be asked at all.
  private func version(
    asking webhook: AdmissionWebhook, about subject: AdmissionSubject
  ) async throws -> ResourceDefinition.Version? {
    guard let version = subject.version(asking: webhook) else { return nil }
    let selector = webhook.namespaceSelector
    if !selector.requirements.isEmpty, !subject.namespace.isEmpty {
      guard selector.matches(try await self.namespaceLabels(subject)) else { return nil }
    }
    switch webhook.conditions.verdict(on: subject, in: version) {
    case .matches: return version
    case .doesNotMatch: return nil
    case .fault(let fault):
      guard !webhook.ignoresFailure else { return nil }
      throw APIFailure.unevaluated(fault, subject)
    }
  }

  private func namespaceLabels(_ subject: AdmissionSubject) async throws -> [String: String] {
    // A namespace that is being written is not yet what it is to be.
    if subject.isNamespace, subject.subresource.isEmpty, subject.operation != .delete {
      return APIObject(subject.object).labels
    }
    let key = StoreKey(resource: BuiltInResources.namespaces, namespace: "", name: subject.namespace)
    guard let namespace = try await self.caller.addresses.store.object(key) else {
      throw APIFailure.notFound(GroupResource(group: "", resource: "namespaces"), subject.namespace)
    }
    return namespace.labels
  }

  /// The answer of a webhook that agrees; nil if it could not be asked and need not be.
  private func ask(
    _ webhook: AdmissionWebhook, about subject: AdmissionSubject, in version: ResourceDefinition.Version,
    isMutating: Bool
  ) async throws -> AdmissionAnswer? {
    guard webhook.allowsDryRun || !subject.isDryRun else { throw APIFailure.dryRunUnsupported(by: webhook.name) }
    let answer: AdmissionAnswer
    do {
      answer = try await self.caller.ask(webhook, about: subject, in: version, isMutating: isMutating)
    } catch let error as AdmissionCallError {
      guard webhook.ignoresFailure else { throw APIFailure.failedCalling(webhook.name, error) }
      self.logger.warning(
        "An admission webhook was passed over", metadata: ["webhook": "\(webhook.name)", "error": "\(error.reason)"])
      return nil
    }
    self.recorded.withLock { recorded in
      for warning in answer.warnings { recorded.add(warning) }
    }
    guard answer.isAllowed else { throw APIFailure.denied(by: webhook.name, answer.status) }
    return answer
  }
}

extension JSONValue {
  /// The fields of the metadata that no webhook has a say in.
  private static let serverFields = [
    "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "selfLink", "managedFields",
  ]

  /// The object with those fields as they were; a name may be given to an object that has none.
  fileprivate func keepingServerFields(of old: JSONValue) -> JSONValue {
    // What is no metadata is told of when it is read.
    if let metadata = self["metadata"], metadata.objectValue == nil { return self }
    var object = APIObject(self)
    let old = APIObject(old)
    for field in Self.serverFields { object[metadata: field] = old[metadata: field] }
    if old.name != nil { object.name = old.name }
    return object.json
  }
}
