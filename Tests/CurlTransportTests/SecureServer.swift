import Glibc
import Testing

/// A folder with certificates made on the spot by the `openssl` command: an authority, a server's and a client's
/// certificate signed by it, and a second authority that signed nothing.
struct CertificateFolder {
  let path: String

  /// Makes a folder, fills it, runs `body`, and removes it.
  static func with<Result>(_ body: (CertificateFolder) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/certificates-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ProcessError(message: "mkdtemp failed") }
    let folder = CertificateFolder(path: template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
    defer {
      for name in folder.names { unlink("\(folder.path)/\(name)") }
      rmdir(folder.path)
    }
    try folder.makeAuthority("authority")
    try folder.makeAuthority("stranger")
    try folder.makeCertificate("server", extensions: "subjectAltName=DNS:server.test,IP:127.0.0.1")
    try folder.makeCertificate("client", extensions: "extendedKeyUsage=clientAuth")
    return try await body(folder)
  }

  private var names: [String] {
    ["authority", "stranger", "server", "client"].flatMap { ["\($0).pem", "\($0).key", "\($0).csr", "\($0).ext"] } + [
      "log", "server.log",
    ]
  }

  /// The bytes of a file in the folder.
  func bytes(_ name: String) throws -> [UInt8] {
    try readFile("\(self.path)/\(name)")
  }

  private func makeAuthority(_ name: String) throws {
    try self.openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=\(name)"
        + " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign"
        + " -keyout \(self.path)/\(name).key -out \(self.path)/\(name).pem")
  }

  private func makeCertificate(_ name: String, extensions: String) throws {
    try self.openssl(
      "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=\(name)"
        + " -keyout \(self.path)/\(name).key -out \(self.path)/\(name).csr")
    let descriptor = open("\(self.path)/\(name).ext", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ProcessError(message: "cannot write \(name).ext") }
    write(descriptor, extensions, extensions.utf8.count)
    close(descriptor)
    try self.openssl(
      "x509 -req -in \(self.path)/\(name).csr -CA \(self.path)/authority.pem -CAkey \(self.path)/authority.key"
        + " -days 2 -extfile \(self.path)/\(name).ext -out \(self.path)/\(name).pem")
  }

  private func openssl(_ arguments: String) throws {
    let process = try ChildProcess(
      ["openssl"] + arguments.split(separator: " ").map(String.init), outputPath: "\(self.path)/log")
    guard process.wait() == 0 else { throw ProcessError(message: try process.output()) }
  }
}

/// `openssl s_server`, which answers every request with a page about the connection.
struct SecureServer {
  /// The port that it listens on.
  let port: UInt16

  /// Starts a server with the certificate of `folder`, runs `body`, and stops it.
  static func run<Result>(
    _ folder: CertificateFolder, requiresClient: Bool = false, options: [String] = [],
    _ body: (SecureServer) async throws -> Result
  ) async throws -> Result {
    var arguments = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www"]
    arguments += ["-cert", "\(folder.path)/server.pem", "-key", "\(folder.path)/server.key"]
    if requiresClient {
      arguments += ["-Verify", "1", "-verify_return_error", "-CAfile", "\(folder.path)/authority.pem"]
    }
    let process = try ChildProcess(arguments + options, outputPath: "\(folder.path)/server.log")
    defer {
      process.terminate()
      _ = process.wait()
    }
    var port: UInt16?
    try await eventually {
      // The line has no end while the server waits.
      let line = try process.output().split(separator: "\n").last { $0.hasPrefix("ACCEPT ") }
      port = line?.split(separator: ":").last.flatMap { UInt16($0) }
      return port != nil
    }
    guard let port else { throw ProcessError(message: try process.output()) }
    return try await body(SecureServer(port: port))
  }
}

/// What went wrong with a child process.
struct ProcessError: Error {
  var message: String
}

/// A child process whose output and errors go to a file: no pipe that another child could inherit.
struct ChildProcess {
  private let process: pid_t
  private let outputPath: String

  init(_ arguments: [String], outputPath: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var process = pid_t()
    let result = posix_spawnp(&process, pointers[0]!, &actions, nil, &pointers, environ)
    guard result == 0 else {
      throw ProcessError(message: "cannot start \(arguments[0]): \(String(cString: strerror(result)))")
    }
    self.process = process
    self.outputPath = outputPath
  }

  /// What the process has written so far.
  func output() throws -> String {
    String(decoding: try readFile(self.outputPath), as: UTF8.self)
  }

  /// Ends the process.
  ///
  /// It inherits the signal mask of the thread that started it, so nothing gentler is sure to arrive.
  func terminate() {
    kill(self.process, SIGKILL)
  }

  /// Waits for the end and returns the exit status; nil for an end by a signal.
  func wait() -> Int32? {
    var status: Int32 = 0
    while waitpid(self.process, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 : nil
  }
}

private func readFile(_ path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw ProcessError(message: "cannot read \(path)") }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 64 << 10)
  let count = read(descriptor, &bytes, bytes.count)
  return Array(bytes.prefix(max(count, 0)))
}
