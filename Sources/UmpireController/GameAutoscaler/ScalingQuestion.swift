import FoundationEssentials
import KubernetesModel
import UmpireModel
import WebhookClient

/// Whom an autoscaler asks, and what: everything that can be found out without asking.
///
/// Pure but for the fresh uid.
struct ScalingQuestion {
  /// Tells an autoscaler's inline endpoint from a WebhookConfiguration of the same name, in metrics.
  static let inlinePrefix = "gameautoscaler/"

  /// Whom to ask.
  enum Target {
    /// An endpoint that the autoscaler gives itself.
    case inline(WebhookEndpoint)
    /// A webhook of a WebhookConfiguration, with whatever credentials it names.
    case configured(Webhook)
  }

  var question: WebhookQuestion
  var target: Target

  /// - Parameters:
  ///   - allocated: how many of the GameType's Servers are in use.
  ///   - configuration: looks up a WebhookConfiguration of the autoscaler's namespace.
  /// - Throws: `WebhookFailure` for what can never be asked.
  init(
    _ autoscaler: GameAutoscaler, gameType: GameType, allocated: Int64,
    configuration: (String) -> WebhookConfiguration?
  ) throws(WebhookFailure) {
    let namespace = autoscaler.metadata.namespace ?? ""
    let webhook = autoscaler.spec.policy.webhook
    var subject = WebhookQuestion.Subject(
      configuration: "\(Self.inlinePrefix)\(autoscaler.key)", webhook: autoscaler.metadata.name ?? "", type: .scaling)
    if let reference = webhook.configurationRef {
      guard webhook.url == nil, webhook.service == nil else {
        throw WebhookFailure(.refused, "both configurationRef and an endpoint are given")
      }
      guard let found = configuration(reference.name) else {
        throw WebhookFailure(.refused, "WebhookConfiguration \(reference.name) does not exist")
      }
      let candidates = found.webhooks.filter { $0.type == .scaling && $0.name == reference.webhook ?? $0.name }
      guard let webhook = candidates.first, candidates.count == 1 else {
        throw WebhookFailure(
          .refused,
          candidates.isEmpty
            ? "WebhookConfiguration \(reference.name) has no such ScalingWebhook"
            : "WebhookConfiguration \(reference.name) has several ScalingWebhooks; name one in configurationRef.webhook"
        )
      }
      self.target = .configured(webhook)
      subject.configuration = found.key.description
      subject.webhook = webhook.name
    } else {
      self.target = .inline(try WebhookEndpoint(webhook, namespace: namespace))
    }
    var request = ReviewRequest(
      uid: ReviewRequest.freshUID(), name: gameType.metadata.name ?? "", namespace: namespace, type: .scaling)
    request.labels = gameType.metadata.labels
    request.annotations = gameType.metadata.annotations
    request.parameters = webhook.parameters.isEmpty ? nil : webhook.parameters
    request.scaling = ScalingRequest(
      gameName: gameType.metadata.name ?? "", currentReplicas: gameType.spec.fleetSpec.scaling.replicas,
      readyReplicas: gameType.status?.readyReplicas ?? 0, minReplicas: autoscaler.spec.minReplicas,
      maxReplicas: autoscaler.spec.maxReplicas)
    self.question = WebhookQuestion(
      request, subject: subject, dialect: webhook.dialect, allocatedReplicas: allocated)
  }
}
