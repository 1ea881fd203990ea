import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization
import TestSupport
import Testing

@testable import APIServer

/// Webhooks that answer in process, whatever their address, and the questions that they were asked.
enum StudioWebhooks {
  /// Webhooks that answer with what `answer` makes of a question: the fields of a response beside its uid.
  ///
  /// - Parameter answer: gets the path and the question.
  static func transport(
    _ answer: @escaping @Sendable (_ path: String, _ question: JSONValue) async throws -> JSONValue
  ) -> ScriptedTransport {
    ScriptedTransport { request, _ in
      let question = try JSONValue(parsing: request.body)["request"] ?? .null
      let path = String((request.head.path ?? "").prefix { $0 != "?" })
      let fields = try await answer(path, question)
      let response = JSONValue.object(["uid": question["uid"] ?? .null, "allowed": true]).applying(mergePatch: fields)
      let review: JSONValue = [
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response,
      ]
      return .body(String(decoding: review.serialized(), as: UTF8.self))
    }
  }

  /// An answer that changes the object.
  static func patch(_ operations: JSONValue...) -> JSONValue {
    [
      "patchType": "JSONPatch",
      "patch": .string(Data(JSONValue.array(operations).serialized()).base64EncodedString()),
    ]
  }

  /// A webhook that is asked about everything at `https://studio.example/NAME`.
  static func webhook(_ name: String, _ change: JSONValue = [:]) -> JSONValue {
    let webhook: JSONValue = [
      "name": .string("\(name).studio.example"), "sideEffects": "None", "admissionReviewVersions": ["v1"],
      "clientConfig": ["url": .string("https://studio.example/\(name)")],
      "rules": [["operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]]],
    ]
    return webhook.applying(mergePatch: change)
  }
}

extension ScriptedTransport {
  /// The questions so far.
  var questions: [JSONValue] {
    self.requests.map { ((try? JSONValue(parsing: $0.body)) ?? .null)["request"] ?? .null }
  }
}

extension EmbeddedAPIServer {
  /// A server in memory that serves Widgets and asks webhooks through `transport`.
  static func asking(_ transport: ScriptedTransport) async throws -> EmbeddedAPIServer {
    try await Self.withWidgets { $0.webhookTransport = transport }
  }

  /// Registers validating webhooks.
  func validate(by webhooks: JSONValue..., named name: String = "studio") async throws {
    try await self.register(webhooks, name, at: WebhookConfigurationTests.validating)
  }

  /// Registers mutating webhooks.
  func mutate(by webhooks: JSONValue..., named name: String = "studio") async throws {
    try await self.register(webhooks, name, at: WebhookConfigurationTests.mutating)
  }

  private func register(_ webhooks: [JSONValue], _ name: String, at path: String) async throws {
    let body: JSONValue = ["metadata": ["name": .string(name)], "webhooks": .array(webhooks)]
    let answer = try await self.send(.post, path, body)
    try #require(answer.status == 201, "\(answer.text)")
  }
}

/// Something that a test opens, and that others wait for.
final class Gate: Sendable {
  private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

  var isOpen: Bool { self.state.withLock { $0.isOpen } }

  func open() {
    let waiters = self.state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { waiter in
      let isOpen = self.state.withLock { state in
        if !state.isOpen { state.waiters.append(waiter) }
        return state.isOpen
      }
      if isOpen { waiter.resume() }
    }
  }
}
