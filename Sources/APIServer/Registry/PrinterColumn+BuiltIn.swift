import KubernetesModel

/// The columns that a real server shows of built-in kinds.
extension PrinterColumn {
  /// The time since the object was created.
  static let age = Self.computed("Age") { .string(TableColumns.age(ofTime: $0.creationTimestamp, at: $1)) }

  /// The time of creation, for kinds without other columns.
  static let createdAt = PrinterColumn(
    name: "Created At", type: "date",
    source: .computed { object, _ in object.creationTimestamp.map(JSONValue.string) ?? .null })

  /// A column that shows the value at a path.
  static func column(_ name: String, _ type: String, _ path: String, priority: Int64 = 0) -> PrinterColumn {
    PrinterColumn(name: name, type: type, priority: priority, source: .path(ColumnPath(path) ?? ColumnPath.name))
  }

  /// A column whose cells are worked out of the object.
  static func computed(
    _ name: String, type: String = "string", priority: Int64 = 0,
    _ cell: @escaping @Sendable (APIObject, Timestamp) -> JSONValue
  ) -> PrinterColumn {
    PrinterColumn(name: name, type: type, priority: priority, source: .computed(cell))
  }

  /// A column that shows a text, or another where there is none.
  static func text(
    _ name: String, _ path: String, orElse placeholder: String = "", priority: Int64 = 0
  ) -> PrinterColumn {
    Self.computed(name, priority: priority) { object, _ in
      let text = object[path: path]?.stringValue ?? ""
      return .string(text.isEmpty ? placeholder : text)
    }
  }

  /// A column that counts the elements of lists or objects together.
  static func count(_ name: String, type: String = "string", of fields: String...) -> PrinterColumn {
    Self.computed(name, type: type) { object, _ in
      .integer(
        Int64(
          fields.reduce(0) { $0 + (object.json[$1]?.objectValue?.count ?? object.json[$1]?.arrayValue?.count ?? 0) }))
    }
  }

  // MARK: Services

  static let service: [PrinterColumn] = [
    .text("Type", "spec.type"),
    .computed("Cluster-IP") { service, _ in
      service[path: "spec.clusterIPs"]?.arrayValue?.first ?? service[path: "spec.clusterIP"] ?? "<none>"
    },
    .computed("External-IP") { service, _ in
      if let name = service[path: "spec.externalName"]?.stringValue, !name.isEmpty { return .string(name) }
      let addresses = service[path: "spec.externalIPs"]?.arrayValue?.compactMap(\.stringValue) ?? []
      return .string(addresses.isEmpty ? "<none>" : addresses.joined(separator: ","))
    },
    .computed("Port(s)") { service, _ in
      let ports = (service[path: "spec.ports"]?.arrayValue ?? []).map { port in
        let node = port["nodePort"]?.integerValue ?? 0
        return "\(port["port"]?.integerValue ?? 0)\(node == 0 ? "" : ":\(node)")/\(port["protocol"]?.stringValue ?? "")"
      }
      return .string(ports.isEmpty ? "<none>" : ports.joined(separator: ","))
    },
    .age,
    .computed("Selector", priority: 1) { service, _ in
      let labels = (service[path: "spec.selector"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        .map { "\($0.key)=\($0.value.stringValue ?? "")" }
      return .string(labels.isEmpty ? "<none>" : labels.joined(separator: ","))
    },
  ]

  // MARK: Nodes

  static let node: [PrinterColumn] = [
    .computed("Status") { node, _ in
      let ready = (node[path: "status.conditions"]?.arrayValue ?? []).first { $0["type"] == "Ready" }
      var words = [ready.map { $0["status"] == "True" ? "Ready" : "NotReady" } ?? "Unknown"]
      if node[path: "spec.unschedulable"] == true { words.append("SchedulingDisabled") }
      return .string(words.joined(separator: ","))
    },
    .computed("Roles") { node, _ in
      let prefix = "node-role.kubernetes.io/"
      var roles = node.labels.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
      if let role = node.labels["kubernetes.io/role"], !role.isEmpty { roles.append(role) }
      roles = roles.filter { !$0.isEmpty }
      return .string(roles.isEmpty ? "<none>" : Set(roles).sorted().joined(separator: ","))
    },
    .age, .text("Version", "status.nodeInfo.kubeletVersion"),
    Self.address("Internal-IP", "InternalIP"), Self.address("External-IP", "ExternalIP"),
    .text("OS-Image", "status.nodeInfo.osImage", orElse: "<unknown>", priority: 1),
    .text("Kernel-Version", "status.nodeInfo.kernelVersion", orElse: "<unknown>", priority: 1),
    .text("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", orElse: "<unknown>", priority: 1),
  ]

  private static func address(_ name: String, _ type: String) -> PrinterColumn {
    .computed(name, priority: 1) { node, _ in
      let address = (node[path: "status.addresses"]?.arrayValue ?? []).first { $0["type"]?.stringValue == type }
      return address?["address"] ?? "<none>"
    }
  }

  // MARK: Events

  static let event: [PrinterColumn] = [
    .computed("Last Seen") { event, now in
      let event = EventForms.stored(event)
      let last = event[path: "series.lastObservedTime"] ?? event.json["lastTimestamp"] ?? .null
      return .string(TableColumns.age(ofTime: last.stringValue ?? Self.firstSeen(event), at: now))
    },
    .text("Type", "type"), .text("Reason", "reason"),
    .computed("Object") { event, _ in
      let object = EventForms.stored(event).json["involvedObject"]
      let parts = [object?["kind"]?.stringValue?.lowercased(), object?["name"]?.stringValue]
      return .string(parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "/"))
    },
    .computed("Subobject", priority: 1) { event, _ in
      EventForms.stored(event)[path: "involvedObject.fieldPath"] ?? ""
    },
    .computed("Source", priority: 1) { event, _ in
      let event = EventForms.stored(event)
      let source = event[path: "source.component"]?.stringValue ?? ""
      let host = event[path: "source.host"]?.stringValue ?? ""
      let component = source.isEmpty ? event.json["reportingComponent"]?.stringValue ?? "" : source
      let instance = host.isEmpty ? event.json["reportingInstance"]?.stringValue ?? "" : host
      return .string([component, instance].filter { !$0.isEmpty }.joined(separator: ", "))
    },
    .computed("Message") { event, _ in EventForms.stored(event).json["message"] ?? "" },
    .computed("First Seen", priority: 1) { event, now in
      .string(TableColumns.age(ofTime: Self.firstSeen(EventForms.stored(event)), at: now))
    },
    .computed("Count", priority: 1) { event, _ in
      let event = EventForms.stored(event)
      return event[path: "series.count"] ?? .integer(max(1, event.json["count"]?.integerValue ?? 1))
    },
    PrinterColumn(
      name: "Name", type: "string", format: "name", priority: 1,
      source: .computed { event, _ in .string(event.name ?? "") }),
  ]

  private static func firstSeen(_ event: APIObject) -> String? {
    event.json["firstTimestamp"]?.stringValue ?? event.json["eventTime"]?.stringValue
  }

  // MARK: Deployments

  static let deployment: [PrinterColumn] = [
    .computed("Ready") { deployment, _ in
      let ready = deployment[path: "status.readyReplicas"]?.integerValue ?? 0
      return .string("\(ready)/\(deployment[path: "spec.replicas"]?.integerValue ?? 0)")
    },
    .computed("Up-to-date") { deployment, _ in deployment[path: "status.updatedReplicas"] ?? 0 },
    .computed("Available") { deployment, _ in deployment[path: "status.availableReplicas"] ?? 0 },
    .age, Self.containers("Containers", "name"), Self.containers("Images", "image"),
    .computed("Selector", priority: 1) { deployment, _ in
      .string(LabelQuery(selector: deployment[path: "spec.selector"] ?? .null).description)
    },
  ]

  private static func containers(_ name: String, _ field: String) -> PrinterColumn {
    .computed(name, priority: 1) { object, _ in
      let containers = object[path: "spec.template.spec.containers"]?.arrayValue ?? []
      return .string(containers.compactMap { $0[field]?.stringValue }.joined(separator: ","))
    }
  }

  // MARK: Bindings

  static let binding: [PrinterColumn] = [
    .computed("Role") { binding, _ in
      let role = binding.json["roleRef"]
      return .string("\(role?["kind"]?.stringValue ?? "")/\(role?["name"]?.stringValue ?? "")")
    },
    .age, Self.subjects("Users", "User"), Self.subjects("Groups", "Group"),
    Self.subjects("ServiceAccounts", "ServiceAccount"),
  ]

  private static func subjects(_ name: String, _ kind: String) -> PrinterColumn {
    .computed(name, priority: 1) { binding, _ in
      let subjects = (binding.json["subjects"]?.arrayValue ?? []).map(RoleBindingSubject.init).filter {
        $0.kind == kind
      }
      let names = subjects.map { $0.namespace.isEmpty ? $0.name : "\($0.namespace)/\($0.name)" }
      return .string(names.joined(separator: ", "))
    }
  }

  // MARK: Policies

  static let networkPolicy: [PrinterColumn] = [
    .computed("Pod-Selector") { policy, _ in
      let text = LabelQuery(selector: policy[path: "spec.podSelector"] ?? .null).description
      return .string(text.isEmpty ? "<none>" : text)
    }, .age,
  ]

  static let priorityClass: [PrinterColumn] = [
    .computed("Value", type: "integer") { priority, _ in priority.json["value"] ?? 0 },
    .computed("Global-Default", type: "boolean") { priority, _ in priority.json["globalDefault"] ?? false }, .age,
    .text("PreemptionPolicy", "preemptionPolicy"),
  ]

  static let disruptionBudget: [PrinterColumn] = [
    Self.share("Min Available", "minAvailable"), Self.share("Max Unavailable", "maxUnavailable"),
    .computed("Allowed Disruptions", type: "integer") { budget, _ in
      budget[path: "status.disruptionsAllowed"] ?? 0
    }, .age,
  ]

  private static func share(_ name: String, _ field: String) -> PrinterColumn {
    .computed(name) { budget, _ in
      let value = budget[path: "spec.\(field)"] ?? .null
      return value == .null ? "N/A" : .string(value.stringValue ?? FieldFault.text(value))
    }
  }

  static let resourceQuota: [PrinterColumn] = [
    Self.quota("Request", isLimit: false), Self.quota("Limit", isLimit: true), .age,
  ]

  private static func quota(_ name: String, isLimit: Bool) -> PrinterColumn {
    .computed(name) { quota, _ in
      let used = quota[path: "status.used"]?.objectValue ?? [:]
      let amounts = (quota[path: "status.hard"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        .filter { $0.key.hasPrefix("limits.") == isLimit }
      return .string(
        amounts.map { "\($0.key): \(used[$0.key]?.stringValue ?? "0")/\($0.value.stringValue ?? "")" }
          .joined(separator: ", "))
    }
  }
}
