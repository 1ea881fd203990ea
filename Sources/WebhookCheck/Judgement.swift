import KubernetesModel
package import UmpireModel
package import WebhookClient

/// What a check found.
package enum Verdict: Sendable, Hashable {
  /// As it should be; with what was measured, if anything was.
  case passed(String)
  /// Not so.
  case failed(Fault)
  /// Not looked at, and why.
  case skipped(String)

  /// What is wrong.
  package struct Fault: Sendable, Hashable {
    /// What was sent.
    package var sent: String
    /// What came back.
    package var received: String
    /// What to do, if it is not what the check says.
    package var remedy: String?

    /// Creates a fault.
    package init(sent: String, received: String, remedy: String? = nil) {
      self.sent = sent
      self.received = received
      self.remedy = remedy
    }
  }
}

extension EndpointCheck {
  /// Judges what came back for the messages of this check, the last of which decides.
  ///
  /// - Parameter exchanges: one for each of ``ProbeMessage/messages(for:type:_:)``, in their order.
  package func judge(_ exchanges: [(message: ProbeMessage, answer: ProbeAnswer)]) -> Verdict {
    guard let (message, answer) = exchanges.last else { return .skipped("nothing was sent") }
    switch self {
    case .answers, .unknownFields, .nulls: return Self.judgeAcceptance(message, answer)
    case .uid: return Self.judgeUID(message, answer)
    case .repetition: return Self.judgeRepetition(exchanges)
    case .notJSON, .wrongTypes, .missingUID, .get, .unsigned, .wrongSignature, .staleSignature:
      return Self.judgeRefusal(message, answer)
    case .replay:
      if case .failed(let fault) = Self.judgeAcceptance(message, exchanges[0].answer) { return .failed(fault) }
      return Self.judgeRefusal(message, answer, "the same message again")
    case .deadline, .connections: return .skipped("it is measured")
    }
  }

  private static func judgeAcceptance(_ message: ProbeMessage, _ answer: ProbeAnswer) -> Verdict {
    do throws(WebhookFailure) {
      return .passed(Self.describe(try answer.response(to: message.question)))
    } catch {
      // The uid has a line of its own.
      if error.reason == .uidMismatch { return .passed("") }
      return .failed(
        .init(sent: message.summary, received: Self.received(answer, error), remedy: Self.remedy(for: answer)))
    }
  }

  /// What to do where the caller seems to be at fault.
  private static func remedy(for answer: ProbeAnswer) -> String? {
    switch answer.outcome {
    case .success(let response) where response.status == 401 || response.status == 403:
      "give the endpoint's signing secret with --secret, or the certificate that it wants with --cert and --key"
    case .failure(let failure) where failure.reason == .dns || failure.reason == .connect:
      "start the endpoint, and check the URL's host and port"
    case .failure(let failure) where failure.reason == .tls:
      "give the authority of the endpoint's certificate with --ca, or the certificate that it wants with --cert and --key"
    case .failure(let failure) where failure.reason == .timeout:
      "answer within the deadline, or set another with --timeout"
    default: nil
    }
  }

  private static func judgeUID(_ message: ProbeMessage, _ answer: ProbeAnswer) -> Verdict {
    guard case .success(let response) = answer.outcome,
      // A body that is not JSON has no uid.
      let json = try? JSONValue(parsing: response.body),
      json["response"]?["uid"] == .string(message.question.request.uid)
    else {
      let uid = message.question.request.uid
      return .failed(.init(sent: "\(message.summary), uid \(uid)", received: answer.summary))
    }
    return .passed("")
  }

  private static func judgeRepetition(_ exchanges: [(message: ProbeMessage, answer: ProbeAnswer)]) -> Verdict {
    var decisions: [ReviewResponse] = []
    for (message, answer) in exchanges {
      do throws(WebhookFailure) {
        decisions.append(try answer.response(to: message.question))
      } catch {
        return .failed(
          .init(sent: "\(message.summary), \(exchanges.count) times", received: Self.received(answer, error)))
      }
    }
    guard let first = decisions.first, let last = decisions.last,
      // The sentence for a person may well differ.
      first.allowed != last.allowed || first.scaling != last.scaling
    else { return .passed("") }
    return .failed(
      .init(
        sent: "\(exchanges[0].message.summary), twice with one uid",
        received: "first \(Self.describe(first)), then \(Self.describe(last))"))
  }

  private static func judgeRefusal(
    _ message: ProbeMessage, _ answer: ProbeAnswer, _ summary: String? = nil
  ) -> Verdict {
    guard let status = answer.status, (400..<500).contains(status) else {
      return .failed(.init(sent: summary ?? message.summary, received: answer.summary))
    }
    return .passed("status \(status)")
  }

  private static func received(_ answer: ProbeAnswer, _ failure: WebhookFailure) -> String {
    switch failure.reason {
    case .badReview, .uidMismatch: "\(failure.message); \(answer.summary)"
    default: failure.description
    }
  }

  private static func describe(_ response: ReviewResponse) -> String {
    guard let scaling = response.scaling else { return response.allowed ? "allowed" : "not allowed" }
    return scaling.scale ? "scale to \(scaling.desiredReplicas)" : "do not scale"
  }
}

extension ProbeAnswer {
  /// The decision, by the same rules by which Umpire takes an answer.
  ///
  /// - Throws: ``WebhookFailure``.
  package func response(to question: WebhookQuestion) throws(WebhookFailure) -> ReviewResponse {
    let response = try self.outcome.get()
    guard response.status == 200 else { throw WebhookFailure(.httpStatus, self.summary) }
    return try question.decode(response.body)
  }
}
