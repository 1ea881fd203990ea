import KubernetesModel

/// The files of a volume, as a value.
package struct VolumeContent: Sendable, Hashable {
  /// One file.
  package struct File: Sendable, Hashable {
    /// What is in it.
    package var bytes: [UInt8]
    /// Its permission bits.
    package var mode: UInt32
  }

  /// Each file by its path in the volume; none of the paths can lead out of it.
  package private(set) var files: [String: File] = [:]
  private let volume: String
  private let mode: UInt32
  private var size = 0

  /// Bytes that the files of a volume may have together.
  ///
  /// An object has at most some 1 MiB; a projected volume may be made of several.
  static let mostBytes = 8 << 20
  /// Files that a volume may have.
  static let mostFiles = 4096

  /// Creates the content of a volume without files.
  ///
  /// - Parameter mode: That of files for which no other is given.
  init(volume: String, mode: UInt32) {
    self.volume = volume
    self.mode = mode
  }

  /// Adds what an object holds; nil stands for one that does not exist.
  ///
  /// - Throws: ``ContainerProblem`` if the object or a key is missing and may not be, and for what cannot be a file.
  mutating func add(_ object: JSONValue?, of source: VolumeObject) throws(ContainerProblem) {
    guard let object else {
      if source.isOptional { return }
      throw self.problem("\(source.kind.rawValue) \"\(source.name)\" not found")
    }
    let keys = Set(["data", "binaryData"].flatMap { object[$0]?.objectValue.map { Array($0.keys) } ?? [] })
    let items = source.items ?? keys.sorted().map { VolumeItem(key: $0, path: $0) }
    for item in items {
      guard let bytes = try self.bytes(of: item.key, in: object, source) else {
        if source.isOptional { continue }
        let what = source.kind == .configMap ? "config" : "secret"
        throw self.problem(
          "\(source.kind.rawValue) \"\(source.name)\" references non-existent \(what) key: \(item.key)")
      }
      try self.add(bytes, as: item)
    }
  }

  /// Adds fields of a Pod.
  ///
  /// - Throws: ``ContainerProblem`` for a field that is not known.
  mutating func add(_ items: [VolumeItem], of fields: PodFields) throws(ContainerProblem) {
    for item in items {
      guard let text = fields.text(item.key) else { throw self.problem("fieldPath \"\(item.key)\" is not supported") }
      try self.add(Array(text.utf8), as: item)
    }
  }

  /// Adds a token, which the process alone may read.
  mutating func add(_ token: String, as file: VolumeToken) throws(ContainerProblem) {
    try self.add(Array(token.utf8), as: VolumeItem(key: "", path: file.path, mode: 0o600))
  }

  private func bytes(
    of key: String, in object: JSONValue, _ source: VolumeObject
  ) throws(ContainerProblem) -> [UInt8]? {
    do throws(ContentKind.NotBase64) {
      return try source.kind.bytes(of: key, in: object)
    } catch {
      throw self.problem("key \(key) of \(source.kind.rawValue) \"\(source.name)\" is not base64")
    }
  }

  private mutating func add(_ bytes: [UInt8], as item: VolumeItem) throws(ContainerProblem) {
    guard Self.isSound(item.path) else { throw self.problem("\"\(item.path)\" is not a path within a volume") }
    self.size += bytes.count
    guard self.size <= Self.mostBytes else { throw self.problem("holds more than \(Self.mostBytes) bytes") }
    self.files[item.path] = File(bytes: bytes, mode: item.mode ?? self.mode)
    guard self.files.count <= Self.mostFiles else { throw self.problem("holds more than \(Self.mostFiles) files") }
  }

  /// Whether a path stays within its volume, and off the names that the node itself uses there.
  static func isSound(_ path: String) -> Bool {
    guard !path.isEmpty, path.utf8.count < 4096, !path.utf8.contains(0), !path.hasPrefix("..") else { return false }
    return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255
    }
  }

  private func problem(_ message: String) -> ContainerProblem { ContainerProblem(volume: self.volume, message) }
}
