import FoundationEssentials
import KubernetesModel
import ServerSupport
import UmpireLocal

/// What stands in the files that a person names.
struct ManifestInput {
  /// The objects, in the order of the files.
  private(set) var documents: [ManifestDocument] = []
  /// What is said of files that are neither YAML nor JSON.
  private(set) var malformed: [Malformed] = []
  /// What is said of files that could not be read.
  private(set) var unreadable: [String] = []
  private var fileCount = 0
  private var byteCount = 0

  /// A file that holds no objects.
  struct Malformed {
    var file: String
    /// With the file's name, and the line where one is known.
    var message: String
  }

  private static let mostFiles = 1000
  private static let mostBytes = 64 << 20

  /// Reads everything that can be read.
  init(_ paths: [String]) {
    for path in paths {
      var isFolder = false
      guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
        self.add(path)
        continue
      }
      self.addFolder(path.last == "/" ? String(path.dropLast()) : path)
    }
  }

  private mutating func addFolder(_ path: String) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      self.unreadable.append("\(path): the folder cannot be read")
      return
    }
    let manifests = names.filter { name in [".yaml", ".yml", ".json"].contains(where: name.hasSuffix) }
    if manifests.isEmpty { self.unreadable.append("\(path): the folder holds no .yaml, .yml or .json file") }
    for name in manifests.sorted() { self.add("\(path)/\(name)") }
  }

  private mutating func add(_ path: String) {
    self.fileCount += 1
    guard self.fileCount <= Self.mostFiles else {
      if self.fileCount == Self.mostFiles + 1 { self.unreadable.append("more than \(Self.mostFiles) files") }
      return
    }
    do {
      let limit = min(ManifestFile.largest, Self.mostBytes - self.byteCount)
      let isStandardInput = path == "-"
      let bytes =
        try isStandardInput
        ? BoundedFile.readStandardInput(upTo: limit) : BoundedFile.read(path, upTo: limit, waits: true)
      self.byteCount += bytes.count
      self.documents += try Self.documents(in: bytes, file: isStandardInput ? "stdin" : path)
    } catch let error as BoundedFileError {
      self.unreadable.append(error.message)
    } catch {
      self.malformed.append(Malformed(file: path == "-" ? "stdin" : path, message: "\(error)"))
    }
  }

  private static func documents(in bytes: [UInt8], file: String) throws -> [ManifestDocument] {
    guard file.hasSuffix(".json") else {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw LocalError(.badData, "\(file): not UTF-8")
      }
      return try ManifestFile.objects(in: text, file: file)
    }
    do {
      return [ManifestDocument(file: file, line: 1, object: try JSONValue(parsing: bytes))]
    } catch {
      throw LocalError(.badData, "\(file): not JSON: \(error)")
    }
  }
}
