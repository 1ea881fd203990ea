package import HTTPTransport
package import UmpireModel

/// Finds out where the endpoints of a Service listen.
package protocol ServiceAddressResolver: Sendable {
  /// The address to connect to.
  ///
  /// - Throws: ``WebhookFailure`` with reason `DNS` if there is none.
  func address(of service: ServiceIdentity) async throws(WebhookFailure) -> HostPort
}

/// Leaves it to the cluster's DNS: `name.namespace.svc`, at the Service's own port.
package struct ClusterServiceAddressResolver: ServiceAddressResolver {
  /// Creates a resolver.
  package init() {}

  /// The Service's name in the cluster's DNS.
  package func address(of service: ServiceIdentity) async throws(WebhookFailure) -> HostPort {
    HostPort(host: service.hostName, port: Int(service.port))
  }
}

/// A Service and one of its ports.
package struct ServiceIdentity: Sendable, Hashable {
  /// The Service's name.
  package var name: String
  /// Its namespace.
  package var namespace: String
  /// The Service's port, 1–65535; not the port of its Pods.
  package var port: UInt16

  /// Creates an identity.
  package init(name: String, namespace: String, port: UInt16) {
    self.name = name
    self.namespace = namespace
    self.port = port
  }

  /// The name that the cluster's DNS knows it by, and that its certificate holds.
  package var hostName: String { "\(self.name).\(self.namespace).svc" }

  /// Checks a reference and fills in its defaults.
  package init(_ reference: ServiceReference, namespace: String) throws(WebhookFailure) {
    self.name = reference.name
    self.namespace = reference.namespace ?? namespace
    guard let port = UInt16(exactly: reference.port ?? ServiceReference.defaultPort), port > 0 else {
      throw WebhookFailure(.refused, "the service's port is not a number from 1 to 65535")
    }
    self.port = port
    guard Self.isName(self.name), Self.isName(self.namespace) else {
      throw WebhookFailure(.refused, "the service's name or namespace is not a name")
    }
  }

  private static func isName(_ name: String) -> Bool {
    (1...63).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }
}
