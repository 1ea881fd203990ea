import KubernetesModel
import UmpireModel

/// Answers kube-apiserver whether objects of Umpire's kinds may be stored.
package struct AdmissionHandler: Sendable {
  private let lookups: any AdmissionLookups

  /// Creates a handler.
  package init(lookups: any AdmissionLookups) { self.lookups = lookups }

  /// Judges the object of a request by the rules, and deletions by what they would do to a Pod.
  package func validate(_ request: AdmissionRequest) async -> AdmissionResponse {
    if let refusal = DeletionVerdict.refusal(of: request) { return refusal }
    let subject: AdmissionSubject
    do throws(FieldFault) {
      guard let read = try AdmissionSubject(request) else { return AdmissionResponse(uid: request.uid, allowed: true) }
      subject = read
    } catch {
      let severity: FieldProblem.Severity = request.isFormerFault(error) ? .warning : .error
      return AdmissionVerdict.response(to: request, [FieldProblem(error, severity)])
    }
    var (surroundings, doubts) = await self.surroundings(of: subject)
    doubts = subject.object.problems(replacing: subject.old, among: surroundings) + doubts
    return AdmissionVerdict.response(to: request, doubts)
  }

  /// Judges who changes a Server: a Pod of another Server may not, and its own Pod may change a part of it.
  ///
  /// - Throws: what keeps the Pod from being looked up.
  package func judgeWriter(of request: AdmissionRequest) async throws -> AdmissionResponse {
    if let excess = OwnWriteVerdict.excess(of: request) {
      return WriterVerdict.refusal(of: request, excess: excess.field, by: excess.pod)
    }
    guard let caller = WriterVerdict.suspect(of: request) else {
      return AdmissionResponse(uid: request.uid, allowed: true)
    }
    return WriterVerdict.response(to: request, of: caller, try await self.lookups.pod(caller.key))
  }

  /// Fills in what the object of a request leaves out.
  package func fillIn(_ request: AdmissionRequest) -> AdmissionResponse { AdmissionVerdict.defaults(of: request) }

  private func surroundings(
    of subject: AdmissionSubject
  ) async -> (UmpireObject.Surroundings, doubts: [FieldProblem]) {
    var surroundings = UmpireObject.Surroundings()
    var doubts: [FieldProblem] = []
    if let key = subject.configurationKey {
      do {
        surroundings.configuration = try await self.lookups.webhookConfiguration(key)
        if surroundings.configuration == nil, subject.namesAnotherConfiguration {
          doubts.append(Self.doubt("WebhookConfiguration \"\(key.name)\" does not exist yet"))
        }
      } catch {
        doubts.append(Self.doubt("WebhookConfiguration \"\(key.name)\" could not be looked up"))
      }
    }
    if case .gameAutoscaler(let autoscaler) = subject.object {
      do {
        surroundings.autoscalers = try await self.lookups.autoscalers(in: autoscaler.metadata.namespace ?? "")
      } catch {
        doubts.append(Self.doubt("the other GameAutoscalers could not be looked up"))
      }
    }
    return (surroundings, doubts)
  }

  private static func doubt(_ message: String) -> FieldProblem {
    FieldProblem(FieldFault(field: "metadata", reason: "FieldValueInvalid", message: message), .warning)
  }
}
