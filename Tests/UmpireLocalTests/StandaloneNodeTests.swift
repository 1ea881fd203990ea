import FoundationEssentials
import Logging
import TestSupport
import Testing

@testable import UmpireLocal

struct StandaloneNodeTests {
  @Test(arguments: [("local", true), ("a.b-1", true), ("", false), ("A", false), ("-a", false), ("a..b", false)])
  func nodeNamesAreThoseOfKubernetes(name: String, isGood: Bool) {
    #expect(StandaloneNode.isNodeName(name) == isGood)
  }

  @Test func badArgumentsAreToldWithTheirCode() async throws {
    try await withFolder { folder in
      let start = { (kubeconfig: String, name: String) throws(LocalError) in
        _ = try StandaloneNode(
          options: StandaloneNodeOptions(
            kubeconfig: kubeconfig, dataDirectory: "\(folder)/data", nodeName: name),
          environment: [:], logger: .silent)
      }
      try Data("apiVersion: v1\nkind: Config\n".utf8).write(to: URL(filePath: "\(folder)/empty"))
      try Data("\u{1}: [".utf8).write(to: URL(filePath: "\(folder)/garbage"))
      for (kubeconfig, name, code) in [
        ("\(folder)/empty", "Not A Name", LocalError.ExitCode.usage), ("\(folder)/missing", "n", .noInput),
        ("\(folder)/empty", "n", .badData), ("\(folder)/garbage", "n", .badData),
      ] {
        let error = #expect(throws: LocalError.self) { try start(kubeconfig, name) }
        #expect(error?.exitCode == code)
      }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/data"))
    }
  }
}

extension Logger {
  /// A logger that drops everything.
  static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
