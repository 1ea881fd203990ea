import ArgumentParser
import Glibc
import UmpireLocal

/// `umpire validate`.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what is wrong with manifests, without a cluster.",
    discussion: """
      Reads YAML, also several documents in a file, and JSON. Of a folder every .yaml, .yml and .json file is read, but \
      not the folders in it; - is the standard input. Each object of Umpire's kinds is compared with its schema and \
      its rules, and with the other objects that are given: gates with the WebhookConfiguration that they are asked \
      of, and GameAutoscalers with each other. Objects of other kinds are skipped.

      Each problem is a line, FILE:DOCUMENT KIND/NAME: FIELD: MESSAGE, and the last line counts them.

      Exit codes: 0 nothing is wrong, or only warnings without --strict, 1 something is wrong, 64 wrong command line, \
      66 a file cannot be read.
      """)

  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .upToNextOption,
    help: ArgumentHelp("Files and folders; - for the standard input.", valueName: "file"))
  var files: [String]

  @Option(
    name: .shortAndLong, help: ArgumentHelp("How the result is written: text or json.", valueName: "format"))
  var output = Format.text

  @Flag(help: "Count warnings as errors.")
  var strict = false

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  func validate() throws {
    guard !self.files.isEmpty else { throw ValidationError("name a file with -f") }
    guard self.files.count(where: { $0 == "-" }) < 2 else { throw ValidationError("-f - can be given only once") }
  }

  func run() throws {
    let input = ManifestInput(self.files)
    let judge: ManifestJudge
    do {
      judge = try ManifestJudge()
    } catch {
      throw CommandFailure.exit(error)
    }
    var report = judge.report(on: input)
    if self.strict { report.countWarningsAsErrors() }
    print(self.output == .json ? report.json : report.text, terminator: "")
    guard input.unreadable.isEmpty else {
      throw CommandFailure.exit(EX_NOINPUT, input.unreadable.joined(separator: "\n"))
    }
    guard report.errorCount == 0 else { throw ExitCode.failure }
  }
}
