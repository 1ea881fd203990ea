import KubernetesModel
import UmpireModel

/// What a Pod has loaded, as the result ConfigMap remembers it.
struct UpdateRecord: Sendable, Hashable {
  var version: PatchVersion
  var url: String
  /// Lower case hexadecimal digits; nil if nobody knows.
  var sha256: String?
  /// The Pod's GameType; nil if it has none.
  var gameType: String?
  /// The Pod's uid.
  var uid: String?

  /// The YAML that peers write, and what we add to it.
  var yaml: String {
    var lines = ["hot_update:", "  \(self.version.description): \(Self.quoted(self.url))"]
    if let sha256 = self.sha256 { lines.append("sha256: \(Self.quoted(sha256))") }
    if let gameType = self.gameType { lines.append("gameType: \(Self.quoted(gameType))") }
    if let uid = self.uid { lines.append("uid: \(Self.quoted(uid))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A JSON string, which is one of YAML too.
  private static func quoted(_ text: String) -> String {
    String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
  }

  init(version: PatchVersion, url: String, sha256: String? = nil, gameType: String? = nil, uid: String? = nil) {
    self.version = version
    self.url = url
    self.sha256 = sha256
    self.gameType = gameType
    self.uid = uid
  }

  /// The fields of an order for the same patch.
  var fields: [String: String] {
    ["version": self.version.description, "url": self.url, "sha256": self.sha256 ?? ""]
  }

  /// Reads an entry; nil for one that names no version, such as the `OriginVersion` of peers.
  init?(yaml: String) {
    // What others have put there is none of ours to mend.
    guard let json = try? ConfigurationText.read(Array(yaml.utf8)), let updates = json["hot_update"]?.objectValue else {
      return nil
    }
    let versions = updates.compactMap { entry in
      PatchVersion(entry.key).flatMap { version in entry.value.stringValue.map { (version: version, url: $0) } }
    }
    guard let newest = versions.max(by: { $0.version < $1.version }) else { return nil }
    self.init(
      version: newest.version, url: newest.url, sha256: json["sha256"]?.stringValue,
      gameType: json["gameType"]?.stringValue, uid: json["uid"]?.stringValue)
  }

  /// The patch that a Pod begins with: the one that it had, else the newest of its GameType; nil if there is none.
  static func choose(for pod: Pod, among data: [String: String]) -> UpdateRecord? {
    if let own = data[pod.metadata.name ?? ""].flatMap({ UpdateRecord(yaml: $0) }), own.uid == pod.metadata.uid {
      return own
    }
    guard let gameType = pod.metadata.label(Labels.gameType), !gameType.isEmpty else { return nil }
    return data.sorted { $0.key < $1.key }.compactMap { UpdateRecord(yaml: $0.value) }
      .filter { $0.gameType == gameType }
      .max { $0.version < $1.version }
  }

  /// The entries that are of no Pod any more: nobody of that name, or another one.
  static func stale(_ data: [String: String], _ pods: [Pod]) -> [String] {
    let uids = Dictionary(
      pods.map { ($0.metadata.name ?? "", $0.metadata.uid) }, uniquingKeysWith: { first, _ in first })
    return data.keys.sorted().filter { key in
      guard let uid = uids[key] else { return true }
      let record = data[key].flatMap { UpdateRecord(yaml: $0) }
      return record?.uid.map { $0 != uid } ?? false
    }
  }
}
