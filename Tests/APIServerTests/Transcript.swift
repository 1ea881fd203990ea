import FoundationEssentials
import HTTPTypes
import KubernetesModel

@testable import APIServer

/// A recorded scenario, spoken to a server and compared as leniently as clients read.
struct Transcript {
  static let folder = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Transcripts"

  struct Step {
    var method: HTTPRequest.Method
    var path: String
    var fields: [String: String]
    var body: JSONValue
    var response: JSONValue
  }

  let steps: [Step]

  static func read(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: "\(self.folder)/\(name).json"))))
  }

  init(_ name: String) throws {
    self.steps = try (Self.read(name)["steps"]?.arrayValue ?? []).map { step in
      let request = step["request"]!
      return Step(
        method: HTTPRequest.Method(request["method"]!.stringValue!)!, path: request["path"]!.stringValue!,
        fields: request["headers"]!.objectValue!.compactMapValues(\.stringValue), body: request["body"] ?? nil,
        response: step["response"]!)
    }
  }

  /// A step whose answer differs from the recorded one.
  struct Difference {
    var step: Int
    var text: String
  }

  /// Speaks the scenario and returns what differs.
  func differences(_ server: EmbeddedAPIServer) async throws -> [Difference] {
    var answers: [JSONValue] = []
    var normalisation = Normalisation()
    var differences: [Difference] = []
    for (index, step) in self.steps.enumerated() {
      let path = Self.fill(step.path, answers)
      var fields = step.fields.mapValues { Self.fill($0, answers) }
      let type = fields.removeValue(forKey: "Content-Type")
      var bytes: [UInt8] = []
      switch step.body {
      case .null: ()
      case .string(let text): bytes = Array(text.utf8)
      default: bytes = Self.fill(step.body, answers).serialized()
      }
      let answer = try await server.send(step.method, path, bytes: bytes, type: type, fields: fields)
      let body: JSONValue
      if step.path.contains("watch=") {
        body = normalisation.apply(.array(answer.events))
        answers.append([:])
      } else {
        let json = answer.json
        answers.append(json.objectValue == nil ? [:] : json)
        body = json.isNull ? .string(answer.text) : normalisation.apply(json)
      }
      let found: JSONValue = [
        "status": .integer(Int64(answer.status)), "contentType": .string(answer.contentType),
        "warning": answer.warning.map(JSONValue.string) ?? nil, "body": body,
      ]
      let (wanted, got) = (Self.lenient(step.response), Self.lenient(found))
      guard wanted != got else { continue }
      let texts = [got, wanted].map { String(decoding: $0.serialized(), as: UTF8.self) }
      differences.append(
        Difference(
          step: index, text: "step \(index) \(step.method) \(step.path)\n  got  \(texts[0])\n  want \(texts[1])"))
    }
    return differences
  }

  private static func fill(_ value: JSONValue, _ answers: [JSONValue]) -> JSONValue {
    switch value {
    case .string(let text): .string(Self.fill(text, answers))
    case .array(let elements): .array(elements.map { Self.fill($0, answers) })
    case .object(let fields): .object(fields.mapValues { Self.fill($0, answers) })
    default: value
    }
  }

  /// Replaces `${i.a.b}` by field a.b of answer i.
  private static func fill(_ text: String, _ answers: [JSONValue]) -> String {
    text.replacing(/\$\{([^}]+)\}/) { match in
      let keys = match.output.1.split(separator: ".").map(String.init)
      return keys.dropFirst().reduce(Optional(answers[Int(keys[0])!])) { $0?[$1] }?.stringValue ?? ""
    }
  }

  /// An answer without what no client reads: the wording of errors and warnings.
  private static func lenient(_ response: JSONValue) -> JSONValue {
    var response = response
    response["warning"] = .bool(response["warning"] != .null)
    guard var body = response["body"] else { return response }
    if body["kind"] == "Status", body["status"] == "Failure" {
      body["message"] = nil
      var details: JSONValue = .object([:])
      for field in ["name", "group", "kind"] { details[field] = body["details"]?[field] }
      let causes = (body["details"]?["causes"]?.arrayValue ?? []).map {
        "\($0["field"]?.stringValue ?? "") \($0["reason"]?.stringValue ?? "")"
      }
      details["causes"] = .array(Set(causes).sorted().map(JSONValue.string))
      body["details"] = details
    } else if body.stringValue != nil, response["status"]?.integerValue ?? 0 >= 400 {
      body = ""
      response["contentType"] = ""
    }
    response["body"] = body
    return response
  }
}

/// Replaces what differs from run to run by tokens numbered in order of first appearance.
struct Normalisation {
  private var seen: [String: [String: Int]] = [:]

  private mutating func token(_ kind: String, _ value: String) -> JSONValue {
    let next = self.seen[kind]?.count ?? 0
    let number = self.seen[kind, default: [:]][value, default: next]
    self.seen[kind, default: [:]][value] = number
    return .string("<\(kind):\(number)>")
  }

  mutating func apply(_ value: JSONValue, key: String = "") -> JSONValue {
    switch value {
    case .object(let fields):
      var result: [String: JSONValue] = [:]
      for (name, field) in fields.sorted(by: { $0.key < $1.key })
      where !["managedFields", "remainingItemCount", "storageVersionHash", "description"].contains(name) {
        result[name] = self.apply(field, key: name)
      }
      return .object(result)
    case .array(let elements):
      var result: [JSONValue] = []
      for element in elements { result.append(self.apply(element, key: key)) }
      return .array(result)
    case .string(let text): return self.apply(text, key)
    default: return value
    }
  }

  private mutating func apply(_ text: String, _ key: String) -> JSONValue {
    switch key {
    case "resourceVersion": return text.isEmpty ? "" : self.token("rv", text)
    case "uid" where text.utf8.count == 36: return self.token("uid", text)
    case "creationTimestamp", "deletionTimestamp", "lastTransitionTime", "startTime": return "<time>"
    case "serverAddress": return "<address>"
    case "token":
      return text.split(separator: ".", omittingEmptySubsequences: false).count == 3 ? "<token>" : .string(text)
    case "continue": return text.isEmpty ? "" : "<continue>"
    default: ()
    }
    return .string(
      text.replacing(/gen-[a-z0-9]{5}\b/, with: "gen-<suffix>").replacing(/ev-[a-z0-9]{5}\b/, with: "ev-<suffix>")
        .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "<uid>")
        .replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, with: "<time>"))
  }
}
