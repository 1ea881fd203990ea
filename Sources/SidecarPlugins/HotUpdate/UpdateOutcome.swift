import KubernetesModel

/// What became of an order.
struct UpdateOutcome: Sendable, Hashable {
  var order: PatchOrder
  var patch: DownloadedPatch?
  /// The processes that were sent a signal.
  var processes: [Int32] = []
  var fault: UpdateFault?

  /// What goes to `storageConfig`, as peers write it.
  var result: String {
    guard let fault = self.fault else { return "\(self.order.version): Update success" }
    return ResultStorage.bounded("\(self.order.version): Update failed: \(fault)")
  }

  /// The text of the answer, as peers write it.
  var text: String {
    switch self.fault?.kind {
    case nil: "File downloaded and update successfully"
    case .notDownloaded: "failed to download file: \(self.fault?.description ?? "")"
    case .noProcess, .severalProcesses, .notLoaded:
      "failed to load hot update file: \(self.fault?.description ?? "")"
    }
  }

  /// All that is known.
  var json: JSONValue {
    let phase = self.fault.map { $0.kind == .notDownloaded ? "download" : "load" }
    var json: JSONValue = [
      "status": .string(self.fault == nil ? "success" : "failure"), "message": .string(self.text),
      "version": .string(self.order.version.description), "url": .string(self.order.address.shown),
      "processes": .array((self.fault?.processes ?? self.processes).map { .integer(Int64($0)) }),
    ]
    if let patch = self.patch {
      json["file"] = .string(patch.path)
      json["bytes"] = .integer(Int64(patch.bytes))
      json["sha256"] = .string(patch.sha256)
    }
    if let phase { json["phase"] = .string(phase) }
    return json
  }
}
