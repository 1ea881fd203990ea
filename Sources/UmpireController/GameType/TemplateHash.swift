import KubernetesModel
import StableHash
import UmpireModel

/// A short digest of what a Fleet's Servers run, for names and labels.
///
/// Equality is never decided by it.
enum TemplateHash {
  /// Eight hexadecimal digits: FNV-1a over the canonical JSON of the template.
  static func digest(of spec: ServerSpec) throws -> String {
    let template: JSONValue = ["pod": spec.pod.json, "sidecar": try JSONValue(encoding: spec.sidecar)]
    let digits = String(FNV1a<UInt32>(template.serialized()).value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
