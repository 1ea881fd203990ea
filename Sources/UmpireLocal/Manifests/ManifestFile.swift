import FoundationEssentials
package import KubernetesModel
import YAMLDocument

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
  /// The name of the object; empty if it has none.
  package var name: String { self.object["metadata"]?["name"]?.stringValue ?? "" }
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
    let found: [YAMLReader.Document]
    do throws(YAMLFault) {
      found = try YAMLReader.documents(in: text)
    } catch {
      throw Self.describe(error, file: file)
    }
    var documents: [ManifestDocument] = []
    for document in found where !document.value.isNull && document.value != "" {
      guard document.value.objectValue != nil else {
        throw LocalError(.badData, "\(file):\(document.line): a Kubernetes object is wanted, with apiVersion and kind")
      }
      documents.append(
        ManifestDocument(file: file, line: document.line, number: documents.count + 1, object: document.value))
    }
    return documents
  }

  private static func check(_ document: ManifestDocument) throws(LocalError) {
    let place = "\(document.file):\(document.line)"
    guard !document.apiVersion.isEmpty else { throw LocalError(.badData, "\(place): apiVersion is missing") }
    guard !document.kind.isEmpty else { throw LocalError(.badData, "\(place): kind is missing") }
    guard !document.name.isEmpty else {
      throw LocalError(.badData, "\(place): \(document.kind): metadata.name is missing")
    }
  }

  private static func describe(_ fault: YAMLFault, file: String) -> LocalError {
    let place = [fault.line, fault.column].compactMap { $0 }.map { ":\($0)" }.joined()
    return LocalError(.badData, "\(file)\(place): \(fault.detail)")
  }
}
