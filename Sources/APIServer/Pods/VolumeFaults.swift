import KubernetesModel

/// Validates the volumes of a Pod, and collects the names of valid ones.
struct VolumeFaults: Sendable {
  private(set) var faults: [FieldFault] = []
  private(set) var names: Set<String> = []

  private static let modeRange = "must be a number between 0 and 0777 (octal), both inclusive"
  /// The fields of a Pod that a file can hold.
  private static let fields = [
    "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
  ]

  init(_ volumes: [JSONValue], path: String) {
    for (index, volume) in volumes.enumerated() {
      let place = "\(path)[\(index)]"
      let name = volume["name"]?.stringValue ?? ""
      var found = Self.sourceFaults(volume, place)
      if name.isEmpty {
        found.append(.required("\(place).name"))
      } else if let fault = LabelSyntax.fault(inLabel: name) {
        found.append(.invalid("\(place).name", .string(name), fault))
      }
      if self.names.contains(name) { found.append(.duplicate("\(place).name", .string(name))) }
      if found.isEmpty { self.names.insert(name) }
      self.faults += found
    }
  }

  private static func sourceFaults(_ volume: JSONValue, _ path: String) -> [FieldFault] {
    let kinds = (volume.objectValue ?? [:]).filter { $0.key != "name" && !$0.value.isNull }.keys.sorted()
    guard let first = kinds.first else { return [.required(path, "must specify a volume type")] }
    var faults: [FieldFault] = kinds.dropFirst().map {
      .forbidden("\(path).\($0)", "may not specify more than 1 volume type")
    }
    let source = volume[first] ?? .null
    let place = "\(path).\(first)"
    switch first {
    case "emptyDir":
      if let limit = Quantity(source["sizeLimit"]), limit.isNegative {
        faults.append(.forbidden("\(place).sizeLimit", "SizeLimit field must be a valid resource quantity"))
      }
    case "hostPath":
      let text = source["path"]?.stringValue ?? ""
      faults += text.isEmpty ? [.required("\(place).path")] : Self.backstepFaults(text, "\(place).path")
      let types = [
        "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice",
      ]
      if let type = source["type"]?.stringValue, !types.contains(type) {
        faults.append(.notSupported("\(place).type", .string(type), types.sorted().map(JSONValue.string)))
      }
    case "secret":
      if (source["secretName"]?.stringValue ?? "").isEmpty { faults.append(.required("\(place).secretName")) }
      faults += Self.modeFaults(source["defaultMode"], "\(place).defaultMode") + Self.itemFaults(source, place)
    case "configMap":
      if (source["name"]?.stringValue ?? "").isEmpty { faults.append(.required("\(place).name")) }
      faults += Self.modeFaults(source["defaultMode"], "\(place).defaultMode") + Self.itemFaults(source, place)
    case "downwardAPI":
      faults += Self.modeFaults(source["defaultMode"], "\(place).defaultMode") + Self.fileFaults(source, place)
    case "projected":
      faults += Self.modeFaults(source["defaultMode"], "\(place).defaultMode") + Self.projectionFaults(source, place)
    case "persistentVolumeClaim":
      if (source["claimName"]?.stringValue ?? "").isEmpty { faults.append(.required("\(place).claimName")) }
    case "nfs":
      if (source["server"]?.stringValue ?? "").isEmpty { faults.append(.required("\(place).server")) }
      let text = source["path"]?.stringValue ?? ""
      if text.isEmpty {
        faults.append(.required("\(place).path"))
      } else if !text.hasPrefix("/") {
        faults.append(.invalid("\(place).path", .string(text), "must be an absolute path"))
      }
    default: ()
    }
    return faults
  }

  // MARK: Files

  private static func itemFaults(_ source: JSONValue, _ path: String) -> [FieldFault] {
    (source["items"]?.arrayValue ?? []).enumerated().flatMap { index, item -> [FieldFault] in
      let place = "\(path).items[\(index)]"
      var faults: [FieldFault] = []
      for field in ["key", "path"] where (item[field]?.stringValue ?? "").isEmpty {
        faults.append(.required("\(place).\(field)"))
      }
      return faults + self.reservedPathFaults(item["path"]?.stringValue ?? "", "\(place).path")
        + self.modeFaults(item["mode"], "\(place).mode")
    }
  }

  private static func fileFaults(_ source: JSONValue, _ path: String) -> [FieldFault] {
    // The real server names the source here, not the element.
    (source["items"]?.arrayValue ?? []).flatMap { item -> [FieldFault] in
      var faults: [FieldFault] = []
      let text = item["path"]?.stringValue ?? ""
      if text.isEmpty { faults.append(.required("\(path).path")) }
      faults += self.reservedPathFaults(text, "\(path).path")
      if let field = item["fieldRef"], field != .null {
        faults += EnvironmentFaults.fieldFaults(field, "\(path).fieldRef", self.fields)
        if let resource = item["resourceFieldRef"], resource != .null {
          faults.append(.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"))
        }
      } else if let resource = item["resourceFieldRef"], resource != .null {
        faults += EnvironmentFaults.resourceFaults(resource, "\(path).resourceFieldRef", isFile: true)
      } else {
        faults.append(.required(path, "one of fieldRef and resourceFieldRef is required"))
      }
      return faults + self.modeFaults(item["mode"], "\(path).mode")
    }
  }

  private static func projectionFaults(_ projection: JSONValue, _ path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    var paths: Set<String> = []
    for (index, source) in (projection["sources"]?.arrayValue ?? []).enumerated() {
      let place = "\(path).sources[\(index)]"
      let kinds = (source.objectValue ?? [:]).filter { !$0.value.isNull }.keys.sorted()
      for kind in kinds {
        let inner = source[kind] ?? .null
        switch kind {
        case "secret", "configMap":
          if (inner["name"]?.stringValue ?? "").isEmpty { faults.append(.required("\(place).\(kind).name")) }
          faults += self.itemFaults(inner, "\(place).\(kind)")
        case "downwardAPI": faults += self.fileFaults(inner, "\(place).\(kind)")
        case "serviceAccountToken": faults += self.tokenFaults(inner, "\(place).\(kind)", volume: path)
        default: ()
        }
        for item in inner["items"]?.arrayValue ?? [] {
          guard let text = item["path"]?.stringValue, !text.isEmpty, !paths.insert(text).inserted else { continue }
          faults.append(.invalid(path, inner["name"] ?? .string(text), "conflicting duplicate paths"))
        }
      }
      if kinds.count > 1 { faults.append(.forbidden(place, "may not specify more than 1 volume type per source")) }
    }
    return faults
  }

  private static func tokenFaults(_ token: JSONValue, _ path: String, volume: String) -> [FieldFault] {
    var faults = TokenRequestRules.lifetimeFaults(token["expirationSeconds"], "\(path).expirationSeconds")
    let text = token["path"]?.stringValue ?? ""
    faults += text.isEmpty ? [.required("\(volume).path")] : self.reservedPathFaults(text, "\(volume).path")
    return faults
  }

  private static func modeFaults(_ mode: JSONValue?, _ path: String) -> [FieldFault] {
    guard let number = mode?.integerValue, !(0...0o777).contains(number) else { return [] }
    return [.invalid(path, .integer(number), self.modeRange)]
  }

  // MARK: Paths

  /// The faults of a path that must stay below its folder.
  static func relativePathFaults(_ text: String, _ path: String) -> [FieldFault] {
    (text.hasPrefix("/") ? [.invalid(path, .string(text), "must be a relative path")] : [])
      + self.backstepFaults(text, path)
  }

  private static func reservedPathFaults(_ text: String, _ path: String) -> [FieldFault] {
    var faults = self.relativePathFaults(text, path)
    if text.hasPrefix(".."), !text.hasPrefix("../"), text != ".." {
      faults.append(.invalid(path, .string(text), "must not start with '..'"))
    }
    return faults
  }

  private static func backstepFaults(_ text: String, _ path: String) -> [FieldFault] {
    text.split(separator: "/", omittingEmptySubsequences: false).contains("..")
      ? [.invalid(path, .string(text), "must not contain '..'")] : []
  }
}
