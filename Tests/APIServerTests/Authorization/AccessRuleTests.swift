import HTTPTypes
import Testing

@testable import APIServer

struct AccessRuleTests {
  private typealias Target = AccessAttributes.ResourceTarget

  @Test(arguments: [
    (["get"], ["pods"], Target(resource: "pods"), true),
    (["*"], ["pods"], Target(resource: "pods"), true),
    (["list"], ["pods"], Target(resource: "pods"), false),
    (["get"], ["*"], Target(resource: "pods", subresource: "log"), true),
    (["get"], ["pods"], Target(resource: "pods", subresource: "log"), false),
    (["get"], ["pods/log"], Target(resource: "pods", subresource: "log"), true),
    (["get"], ["pods/log"], Target(resource: "pods"), false),
    (["get"], ["*/scale"], Target(resource: "fleets", subresource: "scale"), true),
    (["get"], ["*/scale"], Target(resource: "fleets", subresource: "status"), false),
    (["get"], ["pods/*"], Target(resource: "pods", subresource: "log"), false),
  ])
  private func resourcesMatch(verbs: [String], resources: [String], target: Target, isAllowed: Bool) {
    let rule = AccessRule(verbs, groups: [""], resources: resources)
    #expect(rule.allows(AccessAttributes("get", target)) == isAllowed)
  }

  @Test func groupsMatch() {
    let attributes = AccessAttributes("get", Target(group: "apps", resource: "deployments"))
    #expect(!AccessRule(["get"], groups: [""], resources: ["deployments"]).allows(attributes))
    #expect(AccessRule(["get"], groups: ["", "apps"], resources: ["deployments"]).allows(attributes))
    #expect(AccessRule(["get"], groups: ["*"], resources: ["deployments"]).allows(attributes))
  }

  @Test func namesLimitARule() {
    let rule = AccessRule(["get", "create"], groups: [""], resources: ["secrets"], names: ["a"])
    #expect(rule.allows(AccessAttributes("get", Target(resource: "secrets", name: "a"))))
    #expect(!rule.allows(AccessAttributes("get", Target(resource: "secrets", name: "b"))))
    // A list, and an object that has no name yet, have none.
    #expect(!rule.allows(AccessAttributes("get", Target(resource: "secrets"))))
    #expect(!rule.allows(AccessAttributes("create", Target(resource: "secrets"))))
  }

  @Test(arguments: [
    ("/healthz", "/healthz", true), ("/healthz", "/healthz/etcd", false), ("/healthz/*", "/healthz/etcd", true),
    ("/healthz/*", "/healthz", false), ("/api*", "/apis/apps", true), ("*", "/metrics", true),
    ("/*/x", "/a/x", false),
  ])
  func pathsMatch(rule: String, path: String, isAllowed: Bool) {
    #expect(AccessRule(["get"], urls: [rule]).allows(AccessAttributes("get", path: path)) == isAllowed)
  }

  @Test func pathsAndResourcesAreApart() {
    let everything = AccessRule(["*"], groups: ["*"], resources: ["*"])
    #expect(!everything.allows(AccessAttributes("get", path: "/metrics")))
    #expect(!AccessRule(["*"], urls: ["*"]).allows(AccessAttributes("get", Target(resource: "pods"))))
  }

  @Test(arguments: [
    (HTTPRequest.Method.get, "/api/v1/namespaces/a/pods/x", "get pods a x"),
    (.get, "/api/v1/namespaces/a/pods", "list pods a "),
    (.get, "/api/v1/pods?watch=true", "watch pods  "),
    (.get, "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx", "list pods a x"),
    (.post, "/api/v1/namespaces/a/pods", "create pods a "),
    (.post, "/api/v1/namespaces/a/pods/x/eviction", "create pods/eviction a x"),
    (.put, "/api/v1/namespaces/a/pods/x", "update pods a x"),
    (.patch, "/api/v1/namespaces/a/pods/x/status", "patch pods/status a x"),
    (.delete, "/api/v1/namespaces/a/pods/x", "delete pods a x"),
    (.delete, "/api/v1/namespaces/a/pods", "deletecollection pods a "),
    (.get, "/api/v1/namespaces/a", "get namespaces a a"),
    (.get, "/api/v1/namespaces", "list namespaces  "),
    (.get, "/apis/apps/v1/namespaces/a/deployments/x/scale", "get deployments/scale a x"),
  ])
  func requestsAreRead(method: HTTPRequest.Method, path: String, text: String) throws {
    let parts = path.split(separator: "?", maxSplits: 1)
    guard case .resource(let resource) = Route(path: String(parts[0])) else {
      Issue.record("\(path) is no resource")
      return
    }
    let attributes = AccessAttributes(method, resource, RequestQuery(parts.count > 1 ? parts[1] : ""))
    guard case .resource(let target) = attributes.target else {
      Issue.record("\(path) is no resource")
      return
    }
    #expect("\(attributes.verb) \(target.combined) \(target.namespace) \(target.name)" == text)
  }
}
