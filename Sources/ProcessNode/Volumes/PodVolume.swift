package import KubernetesModel

/// A volume of a Pod, as far as a local node can provide it.
package struct PodVolume: Sendable, Hashable {
  /// Unique in the Pod.
  package var name: String
  /// What is in it.
  package var content: Content

  /// What is in a volume.
  package enum Content: Sendable, Hashable {
    /// A folder that is empty at first and lives as long as the Pod.
    case empty
    /// Files that follow what they are made of, and their mode where no other is given.
    case files([VolumeSource], mode: UInt32)
  }

  /// The kinds that a local node provides, for a person.
  static let supported = "configMap, secret, downwardAPI, projected and emptyDir"

  /// Reads an element of a Pod's `volumes`.
  ///
  /// `medium` and `sizeLimit` of an `emptyDir` have no effect.
  ///
  /// - Throws: ``ContainerProblem`` naming the volume, if it has a source that is not supported.
  package init(_ volume: JSONValue) throws(ContainerProblem) {
    self.name = volume["name"]?.stringValue ?? ""
    func mode(_ source: JSONValue) -> UInt32 { VolumeItem.mode(source["defaultMode"]) ?? 0o644 }
    if volume["emptyDir"] != nil {
      self.content = .empty
    } else if let (source, json) = try Self.source(in: volume, secretName: "secretName", of: self.name) {
      self.content = .files([source], mode: mode(json))
    } else if let projected = volume["projected"] {
      var sources: [VolumeSource] = []
      let elements = projected["sources"]?.arrayValue ?? []
      let hasToken = elements.contains { $0["serviceAccountToken"] != nil }
      for var source in elements {
        // An API server without TLS has no certificate to publish.
        if hasToken, source["configMap"]?["name"] == "kube-root-ca.crt" { source["configMap"]?["optional"] = true }
        if let token = source["serviceAccountToken"] {
          sources.append(.token(VolumeToken(token)))
        } else if let (source, _) = try Self.source(in: source, secretName: "name", of: self.name) {
          sources.append(source)
        } else {
          throw Self.unsupported("a projected \(Self.kind(of: source))", in: self.name)
        }
      }
      self.content = .files(sources, mode: mode(projected))
    } else {
      throw Self.unsupported(Self.kind(of: volume), in: self.name)
    }
  }

  /// Finds a volume of a Pod.
  ///
  /// - Throws: ``ContainerProblem`` if there is none, or one that is not supported.
  package init(_ name: String, of spec: PodSpec) throws(ContainerProblem) {
    let volumes = spec.fields["volumes"]?.arrayValue ?? []
    guard let volume = volumes.first(where: { $0["name"]?.stringValue == name }) else {
      throw ContainerProblem(volume: name, "the Pod has no such volume")
    }
    try self.init(volume)
  }

  /// The source in a volume or in an element of a projected one, and what it is made of; nil for any other kind.
  ///
  /// - Parameter secretName: The field in which a Secret's name stands.
  private static func source(
    in json: JSONValue, secretName: String, of volume: String
  ) throws(ContainerProblem) -> (VolumeSource, JSONValue)? {
    if let object = json["configMap"] { return (.object(VolumeObject(.configMap, object, name: "name")), object) }
    if let object = json["secret"] { return (.object(VolumeObject(.secret, object, name: secretName)), object) }
    if let fields = json["downwardAPI"] { return (.fields(try Self.items(ofFields: fields, in: volume)), fields) }
    return nil
  }

  private static func items(ofFields source: JSONValue, in volume: String) throws(ContainerProblem) -> [VolumeItem] {
    var items: [VolumeItem] = []
    for item in source["items"]?.arrayValue ?? [] {
      let path = item["path"]?.stringValue ?? ""
      guard let field = item["fieldRef"]?["fieldPath"]?.stringValue else {
        throw ContainerProblem(volume: volume, "\(path): only a fieldRef is supported by a local node")
      }
      items.append(VolumeItem(key: field, path: path, mode: VolumeItem.mode(item["mode"])))
    }
    return items
  }

  private static func kind(of volume: JSONValue) -> String {
    volume.objectValue?.keys.filter { $0 != "name" }.sorted().first ?? "volume without a source"
  }

  private static func unsupported(_ kind: String, in volume: String) -> ContainerProblem {
    ContainerProblem(volume: volume, "\(kind) is not supported by a local node; it provides \(Self.supported)")
  }
}

/// Something that files of a volume are made of.
package enum VolumeSource: Sendable, Hashable {
  /// The keys of a ConfigMap or a Secret.
  case object(VolumeObject)
  /// Fields of the Pod; the key of each item is the field's path.
  case fields([VolumeItem])
  /// A token of the Pod's service account.
  case token(VolumeToken)
}

/// A ConfigMap or a Secret whose keys become files.
package struct VolumeObject: Sendable, Hashable {
  /// What it is.
  package var kind: ContentKind
  /// Its name, in the Pod's namespace.
  package var name: String
  /// The keys that become files; all of them if nil.
  package var items: [VolumeItem]?
  /// Whether it, or a key of it, may be missing.
  package var isOptional: Bool

  /// Reads a source; `field` is where its name stands.
  init(_ kind: ContentKind, _ source: JSONValue, name field: String) {
    self.kind = kind
    self.name = source[field]?.stringValue ?? ""
    self.isOptional = source["optional"]?.boolValue ?? false
    let items = source["items"]?.arrayValue ?? []
    self.items =
      items.isEmpty
      ? nil
      : items.map {
        VolumeItem(
          key: $0["key"]?.stringValue ?? "", path: $0["path"]?.stringValue ?? "", mode: VolumeItem.mode($0["mode"]))
      }
  }
}

/// One key and the file that is made of it.
package struct VolumeItem: Sendable, Hashable {
  /// The key, or a field's path.
  package var key: String
  /// The file's path in the volume.
  package var path: String
  /// The file's mode; the volume's if nil.
  package var mode: UInt32?

  /// The permission bits of a mode as it stands in a manifest; nil if there is none.
  static func mode(_ value: JSONValue?) -> UInt32? {
    value?.integerValue.map { UInt32(truncatingIfNeeded: $0) & 0o777 }
  }
}

extension ContainerProblem {
  /// A volume that cannot be provided, in a kubelet's word for it.
  init(volume: String, _ message: String) {
    self.init(reason: .configuration, message: "volume \"\(volume)\": \(message)")
  }
}
