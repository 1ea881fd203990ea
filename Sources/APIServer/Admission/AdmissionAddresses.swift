import HTTPTransport
import KubernetesModel

/// Finds out where the endpoints of a Service listen, among the server's own objects: no proxy stands in between.
struct AdmissionAddresses: Sendable {
  /// What tells a Service's endpoints, where it is served.
  static let slices = "endpointslices.discovery.k8s.io"

  let store: ObjectStore
  let registry: ResourceRegistry

  /// The address of an endpoint that is ready.
  ///
  /// - Throws: ``AdmissionCallError`` if there is none, or what the store fails with.
  func address(of service: AdmissionService) async throws -> HostPort {
    let key = StoreKey(resource: BuiltInResources.services, namespace: service.namespace, name: service.name)
    guard let found = try await self.store.object(key)?.decoded() else {
      throw AdmissionCallError("service \"\(service.name)\" not found")
    }
    let endpoints = AdmissionEndpoints(service: found, name: service.name)
    let port = try endpoints.port(service.port)
    if let host = endpoints.externalName { return HostPort(host: host, port: Int(service.port)) }
    if self.registry.snapshot.resource(storeResource: Self.slices) != nil {
      let label = LabelRequirement("kubernetes.io/service-name", .isIn([service.name]))
      let slices = try await self.objects(Self.slices, service.namespace, LabelQuery([label]))
      if let address = endpoints.address(inSlices: slices, port) { return address }
    }
    if let selector = endpoints.selector {
      let pods = try await self.objects(BuiltInResources.pods, service.namespace, selector)
      if let address = endpoints.address(inPods: pods, port) { return address }
    }
    throw AdmissionCallError("no endpoints available for service \"\(service.name)\"")
  }

  private func objects(_ resource: String, _ namespace: String, _ labels: LabelQuery) async throws -> [APIObject] {
    var query = StoreQuery(resource: resource, namespace: namespace)
    query.labels = labels
    return try await self.store.list(query).objects.map { try $0.decoded() }
  }
}

/// The endpoints of a Service, as functions on values.
struct AdmissionEndpoints: Sendable {
  var service: APIObject
  var name: String

  /// A port of the Service.
  ///
  /// - Throws: ``AdmissionCallError`` if it does not offer the port.
  func port(_ number: UInt16) throws(AdmissionCallError) -> JSONValue {
    let ports = self.service[path: "spec.ports"]?.arrayValue ?? []
    if let port = ports.first(where: { $0["port"] == .integer(Int64(number)) }) { return port }
    if self.externalName != nil { return .null }
    throw AdmissionCallError("no service port \(number) found for service \"\(self.name)\"")
  }

  /// The name that stands behind an ExternalName Service; nil for any other.
  var externalName: String? {
    guard self.service[path: "spec.type"] == "ExternalName" else { return nil }
    return self.service[path: "spec.externalName"]?.stringValue
      .flatMap { LabelSyntax.fault(inSubdomain: $0) == nil ? $0 : nil }
  }

  /// The Pods that answer; nil if others look after the endpoints.
  var selector: LabelQuery? {
    let labels = self.service[path: "spec.selector"]?.objectValue ?? [:]
    return labels.isEmpty ? nil : LabelQuery(selector: ["matchLabels": .object(labels)])
  }

  /// The first endpoint in slices that is ready and has the port.
  func address(inSlices slices: [APIObject], _ port: JSONValue) -> HostPort? {
    for slice in slices {
      let name = port["name"]?.stringValue ?? ""
      let ports = slice.json["ports"]?.arrayValue ?? []
      guard let number = ports.first(where: { ($0["name"]?.stringValue ?? "") == name })?["port"]?.integerValue else {
        continue
      }
      for endpoint in slice.json["endpoints"]?.arrayValue ?? [] where endpoint["conditions"]?["ready"] != false {
        if let address = Self.address(endpoint["addresses"]?.arrayValue?.first, number) { return address }
      }
    }
    return nil
  }

  /// The first Pod that is ready.
  func address(inPods pods: [APIObject], _ port: JSONValue) -> HostPort? {
    for pod in pods where !pod.isTerminating && Self.isReady(pod) {
      guard let number = Self.number(port, in: pod) else { continue }
      if let address = Self.address(pod[path: "status.podIP"], number) { return address }
    }
    return nil
  }

  private static func isReady(_ pod: APIObject) -> Bool {
    let conditions = pod[path: "status.conditions"]?.arrayValue ?? []
    return conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
  }

  /// The Pod's port behind the Service's: a number, or the name of a container's port.
  private static func number(_ port: JSONValue, in pod: APIObject) -> Int64? {
    guard let target = port["targetPort"], !target.isNull else { return port["port"]?.integerValue }
    if let number = target.integerValue { return number }
    let containers = ["containers", "initContainers"].flatMap { pod[path: "spec.\($0)"]?.arrayValue ?? [] }
    return containers.flatMap { $0["ports"]?.arrayValue ?? [] }.first { $0["name"] == target }?["containerPort"]?
      .integerValue
  }

  /// An address, unless somebody wrote something else in its place.
  private static func address(_ host: JSONValue?, _ port: Int64) -> HostPort? {
    guard let host = host?.stringValue, NetworkAddress(host) != nil, let port = UInt16(exactly: port), port > 0 else {
      return nil
    }
    return HostPort(host: host, port: Int(port))
  }
}
