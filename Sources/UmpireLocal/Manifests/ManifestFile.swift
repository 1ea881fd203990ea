import APIServer
import FoundationEssentials
package import KubernetesModel
import Yams

/// One object of a YAML file.
package struct ManifestDocument: Sendable, Equatable {
  /// The file it stands in.
  package var file: String
  /// The line at which it begins, from 1.
  package var line: Int
  /// Which object of the file it is, from 1.
  package var number = 1
  /// The object.
  package var object: JSONValue

  /// Names an object and the place where it stands.
  package init(file: String, line: Int, number: Int = 1, object: JSONValue) {
    self.file = file
    self.line = line
    self.number = number
    self.object = object
  }

  var apiVersion: String { self.object["apiVersion"]?.stringValue ?? "" }
  var kind: String { self.object["kind"]?.stringValue ?? "" }
  var name: String { self.object["metadata"]?["name"]?.stringValue ?? "" }
  var namespace: String? { self.object["metadata"]?["namespace"]?.stringValue }
}

/// Reads YAML files of Kubernetes objects.
package enum ManifestFile {
  /// Bytes that a file may have.
  package static let largest = 8 << 20

  /// Reads a file.
  ///
  /// - Throws: ``LocalError`` with file, line and what is wrong.
  package static func read(_ path: String) throws(LocalError) -> [ManifestDocument] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw LocalError(.noInput, "\(path): cannot be read; is the path right?")
    }
    guard data.count <= Self.largest else {
      throw LocalError(.badData, "\(path): larger than \(Self.largest) bytes")
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw LocalError(.badData, "\(path): not UTF-8")
    }
    return try Self.parse(text, file: path)
  }

  /// Parses the text of a file; empty documents are skipped.
  ///
  /// - Throws: ``LocalError`` with file, line and what is wrong, also for objects without kind or name.
  package static func parse(_ text: String, file: String) throws(LocalError) -> [ManifestDocument] {
    let documents = try Self.objects(in: text, file: file)
    for document in documents { try Self.check(document) }
    return documents
  }

  /// Parses the text of a file into objects of whatever kind; empty documents are skipped.
  ///
  /// - Throws: ``LocalError`` with file, line and what is wrong.
  package static func objects(in text: String, file: String) throws(LocalError) -> [ManifestDocument] {
    do {
      var documents: [ManifestDocument] = []
      var reader = YAMLReader()
      // A struct: only the copy that was advanced knows of an error.
      var roots = try compose_all(yaml: text)
      while let root = roots.next() {
        if root.scalar?.string.isEmpty ?? false || root.null != nil { continue }
        let line = root.mark?.line ?? 1
        guard root.mapping != nil else {
          throw LocalError(.badData, "\(file):\(line): a Kubernetes object is wanted, with apiVersion and kind")
        }
        let number = documents.count + 1
        documents.append(
          ManifestDocument(file: file, line: line, number: number, object: try reader.json(root)))
      }
      if let error = roots.error { throw error }
      return documents
    } catch let error as LocalError {
      throw error
    } catch {
      throw Self.describe(error, file: file)
    }
  }

  private static func check(_ document: ManifestDocument) throws(LocalError) {
    let place = "\(document.file):\(document.line)"
    guard !document.apiVersion.isEmpty else { throw LocalError(.badData, "\(place): apiVersion is missing") }
    guard !document.kind.isEmpty else { throw LocalError(.badData, "\(place): kind is missing") }
    guard !document.name.isEmpty else {
      throw LocalError(.badData, "\(place): \(document.kind): metadata.name is missing")
    }
  }

  private static func describe(_ error: any Error, file: String) -> LocalError {
    if let fault = error as? YAMLReader.Fault {
      return LocalError(.badData, file + (fault.line.map { ":\($0)" } ?? "") + ": \(fault.detail)")
    }
    guard let error = error as? YamlError else { return LocalError(.badData, "\(file): \(error)") }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let before = context.map { "\($0.text.trimmed): " } ?? ""
      return LocalError(.badData, "\(file):\(mark.line):\(mark.column): not YAML: \(before)\(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return LocalError(
        .badData, "\(file):\(context.mark.line): the same key twice: \(duplicates.joined(separator: ", "))")
    case .reader(let problem, let offset, _, _):
      return LocalError(.badData, "\(file): not YAML: \(problem) at byte \(offset ?? 0)")
    default: return LocalError(.badData, "\(file): not YAML: \(error)")
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
