import HTTPTypes

/// The `config` of `http_probe`.
package struct ProbeConfiguration: PluginConfiguration, Hashable {
  /// The time before the first probe.
  var startDelay: Duration
  /// The time from the start of a probe to the start of the next.
  var interval: Duration
  /// What is asked.
  var endpoints: [ProbeEndpoint]

  /// Reads `startDelaySeconds`, `probeIntervalSeconds` and `endpoints`.
  package init(_ fields: ConfigurationFields) {
    let delay = fields.integer("startDelaySeconds", default: 0, in: -1_000_000...86_400)
    let interval = fields.integer("probeIntervalSeconds", default: 0, in: -1_000_000...86_400)
    // As the peer does, though a person may have meant to wait not at all.
    self.startDelay = .seconds(delay > 0 ? delay : 30)
    self.interval = .seconds(interval > 0 ? interval : 5)
    self.endpoints = fields.objects("endpoints", atMost: 32).map(ProbeEndpoint.init)
    if self.endpoints.isEmpty, !fields.has("endpoints") { fields.require("endpoints", "nothing is asked without") }
  }
}

/// One endpoint that is asked.
struct ProbeEndpoint: Sendable, Hashable {
  /// Where it is; nil only where the configuration is refused.
  var address: WebAddress?
  var method: HTTPRequest.Method
  var headers: HTTPFields
  /// For the whole exchange.
  var timeout: Duration
  var expectedStatusCode: Int
  /// Where in the body the result stands; nil for the whole body.
  var resultPath: ResultPath?
  var storage: StorageConfiguration?

  init(_ fields: ConfigurationFields) {
    let url = fields.requiredText("url", atMost: WebAddress.longest)
    if !url.isEmpty {
      do throws(WebAddressFault) { self.address = try WebAddress(url) } catch { fields.refuseSecret("url", "\(error)") }
    }
    self.method = .get
    if let name = fields.text("method"), !name.isEmpty {
      let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
      if let method = known.first(where: { $0.rawValue == name.uppercased() }) {
        self.method = method
      } else {
        fields.refuse("method", "must be one of \(known.map(\.rawValue).joined(separator: ", "))")
      }
    }
    self.headers = [:]
    for (name, value) in fields.textsByKey("headers").sorted(by: { $0.key < $1.key }) {
      guard let field = HTTPField.Name(name), HTTPField.isValidValue(value) else {
        fields.refuseSecret("headers[\(name)]", "cannot be a header of a request")
        continue
      }
      self.headers[field] = value
    }
    self.timeout = .seconds(fields.integer("timeout", default: 10, in: 1...300))
    self.expectedStatusCode = fields.integer("expectedStatusCode", default: 200, in: 100...599)
    if let path = fields.object("jsonPathConfig") {
      let text = path.requiredText("jsonPath")
      if !text.isEmpty {
        do throws(ResultPathFault) { self.resultPath = try ResultPath(text) } catch {
          path.refuse("jsonPath", "\(error)")
        }
      }
      for key in ["fieldType", "value"] { path.ignore(key, "the result is what stands at jsonPath") }
    }
    self.storage = StorageConfiguration.read(fields)
  }
}
