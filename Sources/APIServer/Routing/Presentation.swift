/// The form in which a client wants objects.
enum Presentation: Sendable, Hashable {
  /// As they are.
  case object
  /// As rows of a table, for people.
  case table
  /// Their metadata alone.
  case metadata

  /// Reads an `Accept` field; the first form that we have counts.
  ///
  /// Nil if there is none.
  init?(accept: String?) {
    guard let accept, !accept.isEmpty else {
      self = .object
      return
    }
    for choice in accept.split(separator: ",").prefix(20) {
      let parts = choice.split(separator: ";").map { $0.filter { $0 != " " } }
      guard let type = parts.first?.lowercased(), ["application/json", "application/*", "*/*"].contains(type) else {
        continue
      }
      var parameters: [String: String] = [:]
      for part in parts.dropFirst() {
        let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
        if pair.count == 2 { parameters[pair[0]] = pair[1] }
      }
      let isMeta = parameters["g"] == "meta.k8s.io" && parameters["v"] == "v1"
      switch parameters["as"] {
      case nil:
        self = .object
        return
      case "Table" where isMeta:
        self = .table
        return
      case "PartialObjectMetadata" where isMeta, "PartialObjectMetadataList" where isMeta:
        self = .metadata
        return
      default: continue
      }
    }
    return nil
  }
}
