import KubernetesModel
import StableHash
import Synchronization

/// Keeps the OpenAPI documents, and makes one anew only after a definition in it has changed.
final class OpenAPILibrary: Sendable {
  /// A document as it is sent.
  struct Page: Sendable, Hashable {
    var bytes: [UInt8]
    /// Changes with the bytes.
    var hash: String

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      self.hash = Self.hash(bytes)
    }

    /// 64-bit FNV-1a, in hexadecimal.
    private static func hash(_ bytes: [UInt8]) -> String {
      let digits = String(FNV1a<UInt64>(bytes).value, radix: 16, uppercase: true)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
  }

  private struct Key: Hashable {
    enum Form: Hashable { case version3, version2, version2Protobuf }
    var form: Form
    /// Nil where every group is meant.
    var groupVersion: GroupVersion?
  }

  private struct Entry {
    /// What the page was made from: the definitions and their revisions.
    var source: [String: Int64]
    var page: Page
  }

  private let entries = Mutex<[Key: Entry]>([:])

  /// `/openapi/v3`: where each group's version is described.
  func index(_ snapshot: ResourceRegistry.Snapshot) -> Page {
    var paths: [String: JSONValue] = [:]
    for groupVersion in OpenAPIDocuments(snapshot: snapshot).groupVersions {
      guard let page = self.document(groupVersion, snapshot) else { continue }
      paths[groupVersion.path] = [
        "serverRelativeURL": .string("/openapi/v3/\(groupVersion.path)?hash=\(page.hash)")
      ]
    }
    return Page(JSONValue.object(["paths": .object(paths)]).serialized())
  }

  /// `/openapi/v3/…`: the document of a group's version; nil if it is not served.
  func document(_ groupVersion: GroupVersion, _ snapshot: ResourceRegistry.Snapshot) -> Page? {
    self.page(Key(form: .version3, groupVersion: groupVersion), snapshot) {
      OpenAPIDocuments(snapshot: snapshot).document(groupVersion)?.serialized()
    }
  }

  /// `/openapi/v2`: the document of everything, in protocol buffers or JSON.
  func version2(asProtobuf: Bool, _ snapshot: ResourceRegistry.Snapshot) -> Page? {
    self.page(Key(form: asProtobuf ? .version2Protobuf : .version2), snapshot) {
      let documents = OpenAPIDocuments(snapshot: snapshot)
      let document = OpenAPIVersion2.document(of: documents.groupVersions.compactMap(documents.document))
      return asProtobuf ? OpenAPIVersion2.protobuf(document) : document.serialized()
    }
  }

  private func page(
    _ key: Key, _ snapshot: ResourceRegistry.Snapshot, _ make: () -> [UInt8]?
  ) -> Page? {
    var source: [String: Int64] = [:]
    for (name, definition) in snapshot.definitions
    where key.groupVersion == nil || definition.group == key.groupVersion?.group {
      source[name] = definition.revision
    }
    if let entry = self.entries.withLock({ $0[key] }), entry.source == source { return entry.page }
    // Two requests may both make the page; they make the same.
    guard let bytes = make() else {
      self.entries.withLock { $0[key] = nil }
      return nil
    }
    let page = Page(bytes)
    self.entries.withLock { $0[key] = Entry(source: source, page: page) }
    return page
  }
}
