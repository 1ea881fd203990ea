import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// Conditions in CEL on which a webhook is asked, with a real kube-apiserver's words.
@Suite struct MatchConditionTests {
  private static func conditions(_ expressions: String...) -> JSONValue {
    [
      "matchConditions": .array(
        expressions.enumerated().map { ["name": .string("c\($0.offset)"), "expression": .string($0.element)] })
    ]
  }

  private func subject(
    _ operation: AdmissionSubject.Operation = .create, object: JSONValue = ["spec": ["x": 1]], old: JSONValue = nil,
    options: JSONValue = [:]
  ) throws -> AdmissionSubject {
    let definition = try #require(BuiltInResources.all.first { $0.names.plural == "configmaps" })
    return AdmissionSubject(
      operation: operation, resource: ServedResource(definition: definition, version: definition.versions[0]),
      subresource: "", name: "a", namespace: "games", object: object, oldObject: old, options: options, isDryRun: true,
      user: .tokenBearer)
  }

  private func verdict(_ expressions: [String], _ subject: AdmissionSubject) -> MatchConditions.Verdict {
    let json: [JSONValue] = expressions.map { ["name": "c", "expression": .string($0)] }
    return MatchConditions(["matchConditions": .array(json)]).verdict(on: subject, in: subject.resource.version)
  }

  @Test(arguments: [
    "true", "object.spec.x == 1", "oldObject == null", "request.operation == 'CREATE'", "request.namespace == 'games'",
    "request.name == 'a'", "request.dryRun", "request.userInfo.username == 'kubernetes-admin'",
    "'system:masters' in request.userInfo.groups", "!has(request.subResource)", "!has(request.userInfo.extra)",
    "request.kind.kind == 'ConfigMap' && request.kind.version == 'v1' && request.kind.group == ''",
    "request.resource.resource == 'configmaps' && request.requestResource == request.resource",
    "request.requestKind == request.kind", "request.options.kind == 'CreateOptions'", "true || object.nope == 1",
  ]) func conditionsSeeTheRequest(expression: String) throws {
    let subject = try self.subject(options: ["kind": "CreateOptions"])
    #expect(self.verdict([expression], subject) == .matches, "\(expression)")
  }

  @Test func aFalseConditionDecidesBeforeAnyFault() throws {
    let subject = try self.subject()
    #expect(self.verdict([], subject) == .matches)
    #expect(self.verdict(["false", "object.spec.y == 1"], subject) == .doesNotMatch)
    #expect(self.verdict(["object.spec.y == 1", "false"], subject) == .doesNotMatch)
    #expect(
      self.verdict(["object.spec.y == 1"], subject)
        == .fault("expression 'object.spec.y == 1' resulted in error: no such key: y"))
    #expect(
      self.verdict(["object.spec.y == 1", "true", "1 / 0 > 1", "1 / 0 > 1"], subject)
        == .fault(
          "[expression 'object.spec.y == 1' resulted in error: no such key: y, expression '1 / 0 > 1' resulted in error: "
            + "division by zero]"))
    let deletion = try self.subject(.delete, object: nil, old: ["spec": ["x": 1]])
    #expect(
      self.verdict(["object.spec.x == 1"], deletion)
        == .fault("expression 'object.spec.x == 1' resulted in error: no such key: spec"))
    #expect(self.verdict(["object == null && oldObject.spec.x == 1"], deletion) == .matches)
  }

  @Test func conditionsCannotRunForLong() throws {
    let endless = "lists.range(2000).all(a, lists.range(2000).all(b, a < 3000))"
    let subject = try self.subject()
    #expect(
      self.verdict([endless], subject)
        == .fault("expression '\(endless)' resulted in error: operation cancelled: actual cost limit exceeded"))
    let many = (0..<10).map { "lists.range(700).all(a, lists.range(700).all(b, \($0) < 3000))" }
    #expect(
      self.verdict(many, subject)
        == .fault("validation failed due to running out of cost budget, no further validation rules will be run"))
  }

  @Test(arguments: [
    ("1", "must evaluate to bool but got int"), ("object", "must evaluate to bool but got dyn"),
    ("foo", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^"),
    (
      "request.foo == 1",
      "compilation failed: ERROR: <input>:1:8: undefined field 'foo'\n | request.foo == 1\n | .......^"
    ),
    (
      "request.kind == 1",
      "compilation failed: ERROR: <input>:1:14: found no matching overload for '_==_' applied to "
        + "'(kubernetes.GroupVersionKind, int)'\n | request.kind == 1\n | .............^"
    ),
    (
      "request.userInfo.extra['a'] == 'b'",
      "compilation failed: ERROR: <input>:1:29: found no matching overload for '_==_' applied to '(list(string), string)'\n"
        + " | request.userInfo.extra['a'] == 'b'\n | ............................^"
    ),
    ("authorizer.path('/a').check('get').allowed()", "this server does not evaluate 'authorizer'"),
    ("namespaceObject.metadata.name == 'a'", "this server does not evaluate 'namespaceObject'"),
  ]) func refusesExpressions(expression: String, fault: String) {
    #expect(MatchConditions.fault(in: expression) == fault)
  }

  // MARK: Through the server

  @Test func onlyRequestsThatFulfilAllConditionsAreAskedAbout() async throws {
    let studio = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(studio)
    defer { server.close() }
    let foreground = "has(request.options.propagationPolicy) && request.options.propagationPolicy == 'Foreground'"
    let webhook = StudioWebhooks.webhook("judge", Self.conditions("request.operation == 'DELETE'", foreground))
    try await server.validate(by: webhook)
    let path = "/api/v1/namespaces/default/configmaps"
    for name in ["a", "b"] {
      #expect(try await server.send(.post, path, ["metadata": ["name": .string(name)]]).status == 201)
    }
    #expect(try await server.send(.delete, "\(path)/a").status == 200)
    #expect(studio.questions.isEmpty)
    #expect(try await server.send(.delete, "\(path)/b?propagationPolicy=Foreground").status == 200)
    #expect(studio.questions.map { $0["name"] } == ["b"])
  }

  @Test(arguments: ["Fail", "Ignore"]) func theFailurePolicyDecidesWhatAFaultMeans(policy: String) async throws {
    let studio = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(studio)
    defer { server.close() }
    var webhook = StudioWebhooks.webhook("judge", Self.conditions("object.data.a == 'b'"))
    webhook["failurePolicy"] = .string(policy)
    try await server.mutate(by: webhook)
    let path = "/api/v1/namespaces/default/configmaps"
    let answer = try await server.send(.post, path, ["metadata": ["name": "a"]])
    // Whether it is refused or goes on, nobody is asked.
    #expect(studio.questions.isEmpty)
    guard policy == "Fail" else {
      #expect(answer.status == 201)
      return
    }
    #expect(answer.status == 403)
    #expect(
      answer.json["message"]
        == "configmaps \"a\" is forbidden: expression 'object.data.a == 'b'' resulted in error: no such key: data")
    #expect(answer.json["details"] == ["name": "a", "kind": "configmaps"])
    let asked = try await server.send(.post, path, ["metadata": ["name": "a"], "data": ["a": "b"]])
    #expect(asked.status == 201 && studio.questions.count == 1)
  }
}
