import FoundationEssentials
import KubernetesModel

/// Where the next page of a list begins: what `continue` carries.
struct Continuation: Sendable, Hashable {
  /// The revision of the first page, which is the list's; ``latest`` for a list that goes on inconsistently.
  var revision: Int64
  /// The last object of the page before.
  var namespace: String
  var name: String

  /// Stands for whatever revision the store is at by then.
  static let latest: Int64 = -1

  init(revision: Int64, namespace: String, name: String) {
    self.revision = revision
    self.namespace = namespace
    self.name = name
  }

  /// The opaque form: base64url of a JSON object.
  var token: String {
    let json: JSONValue = [
      "v": "umpire.dev/v1", "rv": .integer(self.revision), "ns": .string(self.namespace), "name": .string(self.name),
    ]
    return Data(json.serialized()).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  /// Reads the opaque form; nil if it is none of ours.
  init?(token: String) {
    var text = token.replacing("-", with: "+").replacing("_", with: "/")
    text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    guard text.utf8.count <= 4096, let data = Data(base64Encoded: text),
      let json = try? JSONValue(parsing: Array(data)),  // What is no JSON is no token of ours.
      json["v"] == "umpire.dev/v1", let revision = json["rv"]?.integerValue, revision > 0 || revision == Self.latest,
      let namespace = json["ns"]?.stringValue, let name = json["name"]?.stringValue
    else { return nil }
    self.init(revision: revision, namespace: namespace, name: name)
  }
}
