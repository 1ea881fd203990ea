import KubernetesModel

/// The checks of the profile `restricted` of the Pod Security Standards, for Pods that run on Linux.
///
/// Source: k8s.io/pod-security-admission/policy, the latest version of each check.
struct RestrictedProfile {
  private let pod: JSONValue
  private let containers: [JSONValue]

  init(_ spec: PodSpec) {
    self.pod = .object(spec.fields)
    self.containers = ["initContainers", "containers", "ephemeralContainers"].flatMap {
      spec.fields[$0]?.arrayValue ?? []
    }
  }

  /// The names of the checks that refuse the Pod, with the container or volume.
  var violations: [String] {
    self.podViolations + self.volumeViolations + self.containers.flatMap(self.violations(of:))
  }

  private var podViolations: [String] {
    let security = self.pod["securityContext"] ?? [:]
    var found: [String] = []
    for field in ["hostNetwork", "hostPID", "hostIPC"] where self.pod[field] == true { found.append(field) }
    if security["runAsUser"] == 0 { found.append("runAsUser") }
    if security["runAsNonRoot"] == false { found.append("runAsNonRoot") }
    found += self.optionViolations(of: security)
    for sysctl in security["sysctls"]?.arrayValue ?? []
    where !Self.safeSysctls.contains(sysctl["name"]?.stringValue ?? "") { found.append("sysctls") }
    return found
  }

  private var volumeViolations: [String] {
    (self.pod["volumes"]?.arrayValue ?? []).compactMap { volume in
      let sources = Set(volume.objectValue?.keys.map { $0 } ?? []).subtracting(["name"])
      return sources.isSubset(of: Self.volumeTypes) ? nil : "restrictedVolumes of \(volume["name"]?.stringValue ?? "")"
    }
  }

  private func violations(of container: JSONValue) -> [String] {
    let security = container["securityContext"] ?? [:]
    let pod = self.pod["securityContext"] ?? [:]
    var found: [String] = []
    if security["privileged"] == true { found.append("privileged") }
    if security["allowPrivilegeEscalation"] != false { found.append("allowPrivilegeEscalation") }
    if security["capabilities"]?["drop"]?.arrayValue?.contains("ALL") != true { found.append("capabilities drop") }
    if !Set(security["capabilities"]?["add"]?.arrayValue ?? []).isSubset(of: ["NET_BIND_SERVICE"]) {
      found.append("capabilities add")
    }
    if (security["runAsNonRoot"] ?? pod["runAsNonRoot"]) != true { found.append("runAsNonRoot") }
    if security["runAsUser"] == 0 { found.append("runAsUser") }
    let seccomp = (security["seccompProfile"] ?? pod["seccompProfile"])?["type"]
    if seccomp != "RuntimeDefault", seccomp != "Localhost" { found.append("seccompProfile") }
    if let mount = security["procMount"], mount != "Default" { found.append("procMount") }
    if container["ports"]?.arrayValue?.contains(where: { ($0["hostPort"]?.integerValue ?? 0) != 0 }) == true {
      found.append("hostPorts")
    }
    let hooks =
      ["livenessProbe", "readinessProbe", "startupProbe"].compactMap { container[$0] }
      + ["postStart", "preStop"].compactMap { container["lifecycle"]?[$0] }
    for hook in hooks where ["httpGet", "tcpSocket"].contains(where: { hook[$0]?["host"] != nil }) {
      found.append("hostProbesAndHostLifecycle")
    }
    found += self.optionViolations(of: security)
    return found.map { "\($0) of \(container["name"]?.stringValue ?? "")" }
  }

  /// What both a Pod's and a container's security context are held against.
  private func optionViolations(of security: JSONValue) -> [String] {
    var found: [String] = []
    if security["windowsOptions"]?["hostProcess"] == true { found.append("windowsHostProcess") }
    if let profile = security["appArmorProfile"]?["type"], profile == "Unconfined" { found.append("appArmorProfile") }
    if let options = security["seLinuxOptions"] {
      let types: Set<JSONValue> = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]
      if !types.contains(options["type"] ?? "") || options["user"] != nil || options["role"] != nil {
        found.append("seLinuxOptions")
      }
    }
    return found
  }

  private static let volumeTypes: Set<String> = [
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
  ]
  private static let safeSysctls: Set<String> = [
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
  ]
}
