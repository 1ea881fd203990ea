import FoundationEssentials
import Glibc
import KubernetesModel

/// What a node has for its Pods.
struct NodeCapacity: Sendable, Hashable {
  /// Processors.
  var processors: Int
  /// Memory, in KiB.
  var memory: Int
  /// Pods at once.
  var pods: Int

  /// Creates a capacity.
  init(processors: Int, memory: Int, pods: Int) {
    self.processors = processors
    self.memory = memory
    self.pods = pods
  }

  /// More Pods than a kubelet runs by default: each is only a few processes.
  private static let standardPods = 1_000

  /// What this machine has.
  static var ofThisMachine: NodeCapacity {
    NodeCapacity(
      processors: max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1),
      memory: max(Int(sysconf(Int32(_SC_PHYS_PAGES))), 0) / 1024 * max(Int(sysconf(Int32(_SC_PAGESIZE))), 0),
      pods: Self.standardPods)
  }

  /// Quantities, as `status.capacity` holds them.
  var json: JSONValue {
    ["cpu": .string("\(self.processors)"), "memory": .string("\(self.memory)Ki"), "pods": .string("\(self.pods)")]
  }

  /// `status.nodeInfo` of this machine.
  static func system(version: String) -> JSONValue {
    var names = utsname()
    uname(&names)
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    // Kubernetes uses Go's names.
    let architectures = ["x86_64": "amd64", "aarch64": "arm64"]
    let machine = text(names.machine)
    return [
      "operatingSystem": "linux", "architecture": .string(architectures[machine] ?? machine),
      "kernelVersion": .string(text(names.release)), "kubeletVersion": .string(version), "kubeProxyVersion": "",
      "containerRuntimeVersion": "process://1", "osImage": "", "bootID": "", "machineID": "", "systemUUID": "",
    ]
  }
}
