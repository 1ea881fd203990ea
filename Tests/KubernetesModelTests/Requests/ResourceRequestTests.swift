import HTTPTypes
import KubernetesModel
import Testing

@Suite struct ResourceRequestTests {
  private let fleets = ResourceType(group: "umpire.dev", version: "v1alpha1", kind: "Fleet", plural: "fleets")
  private let key = ObjectKey(namespace: "default", name: "arena")

  @Test func paths() {
    #expect(
      ResourceRequest.get(self.fleets, self.key).target == "/apis/umpire.dev/v1alpha1/namespaces/default/fleets/arena")
    #expect(ResourceRequest.get(Pod.resourceType, self.key).target == "/api/v1/namespaces/default/pods/arena")
    #expect(ResourceRequest.list(self.fleets, namespace: nil).target == "/apis/umpire.dev/v1alpha1/fleets")
    #expect(
      ResourceRequest.get(Node.resourceType, ObjectKey(namespace: nil, name: "local")).target == "/api/v1/nodes/local")
    #expect(
      ResourceRequest.patch(self.fleets, self.key, subresource: .scale, kind: .merge, body: []).target
        == "/apis/umpire.dev/v1alpha1/namespaces/default/fleets/arena/scale")
  }

  @Test func queriesAreEncoded() {
    let options = ListOptions(labelSelector: "a=b,c in (d, e)", limit: 5, resourceVersion: "7")
    #expect(
      ResourceRequest.list(self.fleets, namespace: "default", options: options).target
        == "/apis/umpire.dev/v1alpha1/namespaces/default/fleets?labelSelector=a%3Db%2Cc%20in%20%28d%2C%20e%29&limit=5"
        + "&resourceVersion=7")
  }

  @Test func theWatchVersionStandsInTheQuery() {
    let request = ResourceRequest.watch(
      self.fleets, namespace: nil, options: ListOptions(resourceVersion: "41"), timeoutSeconds: 300)
    #expect(
      request.target
        == "/apis/umpire.dev/v1alpha1/fleets?watch=true&resourceVersion=41&allowWatchBookmarks=true&timeoutSeconds=300")
  }

  @Test func namesCannotLeaveTheirPlace() {
    let request = ResourceRequest.get(self.fleets, ObjectKey(namespace: "a/b", name: "../x?y"))
    #expect(request.target == "/apis/umpire.dev/v1alpha1/namespaces/a%2Fb/fleets/..%2Fx%3Fy")
  }

  @Test func deletionsCarryTheirPreconditions() throws {
    let request = ResourceRequest.delete(
      self.fleets, self.key, options: DeleteOptions(propagationPolicy: .foreground, uid: "u", gracePeriodSeconds: 0))
    let body = try JSONValue(parsing: request.body)
    #expect(request.method == .delete)
    #expect(body["preconditions"]?["uid"] == "u")
    #expect(body["propagationPolicy"] == "Foreground")
    #expect(body["gracePeriodSeconds"] == 0)
  }
}
