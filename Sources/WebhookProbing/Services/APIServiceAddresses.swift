package import HTTPTransport
package import KubernetesClient
import KubernetesModel
import UmpireModel
package import WebhookClient

/// Finds the address behind a Service where no cluster's DNS does: the first ready Pod that its selector finds.
///
/// So one manifest serves a cluster and a laptop.
package struct APIServiceAddresses: ServiceAddressResolver {
  private let client: APIClient

  /// Creates a resolver that looks Services and Pods up through `client`.
  package init(client: APIClient) { self.client = client }

  /// The address of a Pod that is ready.
  package func address(
    of service: ServiceIdentity
  ) async throws(WebhookFailure) -> HostPort {
    let key = ObjectKey(namespace: service.namespace, name: service.name)
    do {
      guard let found = try await self.client.find(Service.self, key) else {
        throw WebhookFailure(.dns, "Service \(key) does not exist")
      }
      guard let selector = found.spec?.selector, !selector.isEmpty else {
        throw WebhookFailure(.dns, "Service \(key) has no selector")
      }
      let query = selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      let pods = try await self.client.list(
        Pod.self, namespace: service.namespace, options: ListOptions(labelSelector: query)
      ).items
      guard let pod = pods.first(where: { $0.isReady && !$0.metadata.isBeingDeleted }),
        let address = pod.status?.podIP
      else { throw WebhookFailure(.connect, "Service \(key) has no ready Pod") }
      return HostPort(host: address, port: Int(Self.port(service.port, of: found, pod)))
    } catch let failure as WebhookFailure {
      throw failure
    } catch {
      throw WebhookFailure(.dns, "Service \(key) cannot be looked up: \(error)")
    }
  }

  /// The Pod's port behind the Service's: a number, a name of a container's port, or the same number.
  private static func port(_ port: UInt16, of service: Service, _ pod: Pod) -> UInt16 {
    guard let target = service.spec?.ports?.first(where: { $0.port == Int64(port) })?.targetPort else { return port }
    if let number = target.integerValue { return UInt16(clamping: number) }
    let named = pod.spec.containers.flatMap(\.ports).first { $0.name == target.stringValue }
    return named?.containerPort.map { UInt16(clamping: $0) } ?? port
  }
}
