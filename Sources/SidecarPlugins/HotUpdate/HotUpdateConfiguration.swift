import HTTPTransport
import HTTPTypes
import KubernetesModel

/// The `config` of `hot_update`.
package struct HotUpdateConfiguration: PluginConfiguration, Hashable {
  /// How the game learns of a patch.
  var loading: PatchLoading
  var storage: StorageConfiguration?
  /// Where patches are put: `downloadFolder`, or `fileDir` as peers call it, else what `UMPIRE_DOWNLOAD_FOLDER` says.
  var folder: String
  /// Where to listen; 0 for any port that is free.
  var port: Int
  /// Whether a request from outside the Pod needs no permission.
  var allowsAnyone: Bool
  /// What URLs must begin with; empty for any.
  var prefixes: [WebAddress]
  /// For a whole download.
  var deadline: Duration
  /// Bytes that a patch may have.
  var maximumBytes: Int
  /// The ConfigMap that remembers what each Pod has loaded.
  var recordName: String

  /// The folder of peers.
  static let standardFolder = "/app/downloads"

  private enum LoadType: String, CaseIterable { case signal, request }

  /// Reads the fields of peers, and those of our own, which all have defaults.
  package init(_ fields: ConfigurationFields) {
    let (signal, request) = (fields.object("signal"), fields.object("request"))
    let given = fields.has("loadPatchType")
    self.loading = .signal(.init())
    switch fields.choice("loadPatchType", of: LoadType.self) {
    case nil: if !given { fields.require("loadPatchType", "signal or request") }
    case .signal: if let signal { self.loading = .signal(SignalLoading(signal)) } else { fields.require("signal") }
    case .request:
      if let request { self.loading = .request(RequestLoading(request)) } else { fields.require("request") }
    }
    self.storage = StorageConfiguration.read(fields)
    let folder = fields.environment["UMPIRE_DOWNLOAD_FOLDER"].flatMap { $0.isEmpty ? nil : $0 }
    self.folder = fields.text("downloadFolder") ?? fields.text("fileDir") ?? folder ?? Self.standardFolder
    _ = fields.has("fileDir")
    if !self.folder.hasPrefix("/") || self.folder.utf8.contains(0) {
      fields.refuse(fields.has("downloadFolder") ? "downloadFolder" : "fileDir", "must be an absolute path")
    }
    self.port = fields.port("port", default: 5000)
    self.allowsAnyone = fields.bool("allowAnyone", default: false)
    if self.allowsAnyone {
      fields.warn("allowAnyone", "lets everybody who reaches the port replace what the game runs")
    }
    self.prefixes = []
    for (index, text) in fields.texts("allowedURLPrefixes").enumerated() {
      do throws(WebAddressFault) {
        let prefix = try WebAddress(text)
        _ = try prefix.segments()
        if prefix.query != nil { throw WebAddressFault("must have no query") }
        self.prefixes.append(prefix)
      } catch {
        fields.refuse("allowedURLPrefixes", "[\(index)] \(error)")
      }
    }
    self.deadline = .seconds(fields.integer("timeoutSeconds", default: 60, in: 1...3600))
    self.maximumBytes = fields.integer("maximumBytes", default: 512 << 20, in: 1...(64 << 30))
    self.recordName = fields.text("resultConfigMapName", atMost: 253) ?? "umpire-sidecar-result"
    if let fault = LabelSyntax.fault(inSubdomain: self.recordName) { fields.refuse("resultConfigMapName", fault) }
  }

  /// Whether a patch may come from there.
  func allows(_ address: WebAddress) -> Bool {
    self.prefixes.isEmpty || self.prefixes.contains { address.isBelow($0) }
  }
}

/// How the game learns of a patch.
enum PatchLoading: Sendable, Hashable {
  case signal(SignalLoading)
  case request(RequestLoading)
}

/// A signal to the game's process: `signal`.
struct SignalLoading: Sendable, Hashable {
  var signal = SignalName(number: 1, name: "SIGHUP")
  /// What stands in the command line of the process.
  var processName = ""
  /// Whether several processes may be meant.
  var all = false

  init() {}

  init(_ fields: ConfigurationFields) {
    let name = fields.requiredText("signalName", atMost: 32)
    if let signal = SignalName(name) {
      self.signal = signal
    } else if !name.isEmpty {
      fields.refuse("signalName", "must be the name of a signal, such as SIGHUP")
    }
    self.processName = fields.requiredText("processName", "what stands in the command line of the game")
    self.all = fields.bool("all", default: false)
  }
}

/// A request to the game: `request`.
struct RequestLoading: Sendable, Hashable {
  /// Where it goes; nil only where the configuration is refused.
  var address: WebAddress?
  var method: HTTPRequest.Method
  var timeout: Duration

  init(_ fields: ConfigurationFields) {
    let host = fields.requiredText("address", atMost: 253)
    let port = fields.port("port", default: nil)
    let path = fields.text("path") ?? "/hot-update"
    if !path.hasPrefix("/") { fields.refuse("path", "must begin with '/'") }
    if !host.isEmpty, port > 0, path.hasPrefix("/") {
      do throws(WebAddressFault) {
        self.address = try WebAddress("http://\(HostPort(host: host, port: port))\(path)")
      } catch {
        fields.refuse("address", "\(error)")
      }
    }
    let known: [HTTPRequest.Method] = [.post, .put, .patch]
    let method = fields.text("method") ?? "POST"
    self.method = known.first { $0.rawValue == method.uppercased() } ?? .post
    if self.method.rawValue != method.uppercased() { fields.refuse("method", "must be POST, PUT or PATCH") }
    self.timeout = .seconds(fields.integer("timeout", default: 10, in: 1...300))
  }
}
