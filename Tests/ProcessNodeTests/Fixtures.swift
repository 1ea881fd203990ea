import FoundationEssentials
import Glibc
import KubernetesModel
import Testing

@testable import ProcessNode

/// A moment that many seconds after the start of a test's time.
func moment(_ seconds: Int64) -> NodeTime {
  NodeTime(elapsed: .seconds(seconds), timestamp: Timestamp(secondsSinceEpoch: 1_800_000_000 + seconds))
}

/// A Pod of these containers, bound to the node `local`.
func makePod(
  _ name: String = "arena-1-pod", containers: [Container], initContainers: [Container] = [],
  restartPolicy: String? = nil, uid: String? = "uid-1"
) -> Pod {
  var metadata = ObjectMeta(name: name, namespace: "games")
  metadata.uid = uid
  var spec = PodSpec(containers: containers)
  spec.initContainers = initContainers
  spec.nodeName = "local"
  spec.restartPolicy = restartPolicy
  return Pod(metadata: metadata, spec: spec)
}

/// A container that runs a shell script.
func shell(_ script: String, name: String = "main") -> Container {
  var container = Container(name: name, image: "none")
  container.command = ["/bin/sh", "-c", script]
  return container
}

/// A native sidecar.
func sidecar(_ script: String = "", name: String = "sidecar") -> Container {
  var container = shell(script, name: name)
  container.restartPolicy = "Always"
  return container
}

/// Gives `body` a folder of its own, which is gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = "\(FileManager.default.temporaryDirectory.path)/process-node-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  do {
    let result = try await body(folder)
    try FileManager.default.removeItem(atPath: folder)
    return result
  } catch {
    try? FileManager.default.removeItem(atPath: folder)  // The first error is the one that matters.
    throw error
  }
}

/// Whether a process of that number runs.
///
/// One that is over but not reaped does not run.
func isRunning(_ processIdentifier: Int32) -> Bool {
  guard let bytes = ProcessRecord.read("/proc/\(processIdentifier)/stat") else { return false }
  let stat = String(decoding: bytes, as: UTF8.self)
  guard let close = stat.lastIndex(of: ")") else { return false }
  return stat[close...].dropFirst(2).first != "Z"
}

/// What a container wrote into a log, without the times before the lines.
func written(_ path: String) -> String {
  text(path).split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.dropFirst($0.isEmpty ? 0 : 28) }.joined(separator: "\n")
}

/// The content of a text file; empty if there is none yet.
func text(_ path: String) -> String { ProcessRecord.read(path).map { String(decoding: $0, as: UTF8.self) } ?? "" }
