import KubernetesModel
import Testing

@testable import APIServer

/// What is wrong with Pods, as a real server says it.
struct PodSpecFaultsTests {
  /// A Pod with defaults whose first container, and whose specification, have these fields besides.
  private static func spec(container: JSONValue = [:], _ fields: JSONValue = [:]) -> JSONValue {
    var first: JSONValue = ["name": "game", "image": "game:1"]
    for (name, value) in container.objectValue ?? [:] { first[name] = value }
    var spec: JSONValue = ["containers": [first]]
    for (name, value) in fields.objectValue ?? [:] { spec[name] = value }
    PodDefaults.apply(to: &spec, isPod: true)
    return spec
  }

  private static func faults(_ spec: JSONValue) -> [String] {
    PodSpecFaults(spec: spec, path: "spec", isPod: true).all
      .map { "\($0.field.replacing("spec.containers[0]", with: "C")): \($0.reason.dropFirst(10))" }
  }

  @Test func aPlainPodHasNone() {
    #expect(Self.faults(Self.spec()).isEmpty)
  }

  private static let container: [(JSONValue, [String])] = [
    (["name": "UPPER"], ["C.name: Invalid"]), (["name": ""], ["C.name: Required"]),
    (["image": ""], ["C.image: Required"]), (["image": " a"], ["C.image: Invalid"]),
    (["terminationMessagePolicy": "x"], ["C.terminationMessagePolicy: NotSupported"]),
    (["ports": [["containerPort": 0]]], ["C.ports[0].containerPort: Required"]),
    (["ports": [["containerPort": 65536]]], ["C.ports[0].containerPort: Invalid"]),
    (["ports": [["containerPort": 1, "protocol": "ICMP"]]], ["C.ports[0].protocol: NotSupported"]),
    (["ports": [["containerPort": 1, "name": "UP"]]], ["C.ports[0].name: Invalid"]),
    (["ports": [["containerPort": 1, "name": "12"]]], ["C.ports[0].name: Invalid"]),
    (["ports": [["containerPort": 1, "name": "a--b"]]], ["C.ports[0].name: Invalid"]),
    (
      ["ports": [["containerPort": 1, "hostPort": 5], ["containerPort": 2, "hostPort": 5]]],
      ["C.ports[1].hostPort: Duplicate"]
    ),
    (["env": [["name": ""]]], ["C.env[0].name: Required"]), (["env": [["name": "a=b"]]], ["C.env[0].name: Invalid"]),
    (["env": [["name": "a", "valueFrom": [:]]]], ["C.env[0].valueFrom: Invalid"]),
    (
      ["env": [["name": "a", "value": "b", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]]],
      ["C.env[0].valueFrom: Invalid"]
    ),
    (
      ["env": [["name": "a", "valueFrom": ["fieldRef": ["fieldPath": "spec.nothing"]]]]],
      ["C.env[0].valueFrom.fieldRef.fieldPath: Invalid"]
    ),
    (
      ["env": [["name": "a", "valueFrom": ["fieldRef": ["fieldPath": "metadata.labels"]]]]],
      ["C.env[0].valueFrom.fieldRef.fieldPath: NotSupported"]
    ),
    (["env": [["name": "a", "valueFrom": ["fieldRef": ["fieldPath": "metadata.labels['a']"]]]]], []),
    (
      ["env": [["name": "a", "valueFrom": ["secretKeyRef": ["name": "s", "key": ""]]]]],
      ["C.env[0].valueFrom.secretKeyRef.key: Required"]
    ),
    (
      ["env": [["name": "a", "valueFrom": ["resourceFieldRef": ["resource": "limits.gpu"]]]]],
      ["C.env[0].valueFrom.resourceFieldRef.resource: NotSupported"]
    ),
    (["envFrom": [[:]]], ["C.envFrom: Invalid"]),
    (["envFrom": [["configMapRef": ["name": ""]]]], ["C.envFrom[0].configMapRef.name: Required"]),
    (["volumeMounts": [["name": "none", "mountPath": "/x"]]], ["C.volumeMounts[0].name: NotFound"]),
    (
      ["resources": ["requests": ["gpu": "1"]]],
      ["C.resources.requests[gpu]: Invalid", "C.resources.requests[gpu]: Invalid"]
    ),
    (["resources": ["limits": ["example.com/gpu": "1"]]], []),
    (
      ["resources": ["limits": ["example.com/gpu": "1.5"]]],
      // What is limited is requested, too.
      ["C.resources.limits[example.com/gpu]: Invalid", "C.resources.requests[example.com/gpu]: Invalid"]
    ),
    (
      ["resources": ["requests": ["example.com/gpu": "1"]]], ["C.resources.limits: Required"]
    ),
    (["resources": ["requests": ["cpu": "-1"]]], ["C.resources.requests[cpu]: Invalid"]),
    (["resources": ["requests": ["memory": "2Gi"], "limits": ["memory": "1Gi"]]], ["C.resources.requests: Invalid"]),
    (["livenessProbe": [:]], ["C.livenessProbe: Required"]),
    (["livenessProbe": ["exec": ["command": []]]], ["C.livenessProbe.exec.command: Required"]),
    (["livenessProbe": ["httpGet": ["port": 0]]], ["C.livenessProbe.httpGet.port: Invalid"]),
    (
      ["livenessProbe": ["httpGet": ["port": "http", "scheme": "FTP"]]],
      ["C.livenessProbe.httpGet.scheme: NotSupported"]
    ),
    (
      ["livenessProbe": ["tcpSocket": ["port": 1], "successThreshold": 2]],
      ["C.livenessProbe.successThreshold: Invalid"]
    ),
    (["readinessProbe": ["tcpSocket": ["port": 1], "successThreshold": 2]], []),
    (
      ["readinessProbe": ["tcpSocket": ["port": 1], "periodSeconds": -1]],
      ["C.readinessProbe.periodSeconds: Invalid"]
    ),
    (
      ["startupProbe": ["tcpSocket": ["port": 1], "exec": ["command": ["a"]]]],
      ["C.startupProbe.tcpSocket: Forbidden"]
    ),
    (["lifecycle": ["preStop": ["sleep": ["seconds": 31]]]], ["C.lifecycle.preStop.sleep: Invalid"]),
    (["securityContext": ["runAsUser": -1]], ["C.securityContext.runAsUser: Invalid"]),
    (
      ["securityContext": ["allowPrivilegeEscalation": false, "privileged": true]], ["C.securityContext: Invalid"]
    ),
  ]

  @Test(arguments: Self.container.indices) func containersAreChecked(index: Int) {
    let (container, faults) = Self.container[index]
    #expect(Self.faults(Self.spec(container: container)) == faults, "\(container)")
  }

  private static let pod: [(JSONValue, [String])] = [
    (["restartPolicy": "Sometimes"], ["spec.restartPolicy: NotSupported"]),
    (["dnsPolicy": "Sometimes"], ["spec.dnsPolicy: NotSupported"]),
    (["terminationGracePeriodSeconds": -1], ["spec.terminationGracePeriodSeconds: Invalid"]),
    (["activeDeadlineSeconds": 0], ["spec.activeDeadlineSeconds: Invalid"]),
    (["subdomain": "a.b"], ["spec.subdomain: Invalid"]),
    (["serviceAccountName": "A"], ["spec.serviceAccountName: Invalid"]),
    (["nodeSelector": ["a": "b c"]], ["spec.nodeSelector: Invalid"]),
    (
      ["hostAliases": [["ip": "x", "hostnames": ["A"]]]],
      [
        "spec.hostAliases[0].ip: Invalid", "spec.hostAliases[0].hostnames[0]: Invalid",
      ]
    ),
    (["tolerations": [["operator": "Equal"]]], ["spec.tolerations[0].operator: Invalid"]),
    (["tolerations": [["key": "a", "operator": "Exists", "value": "b"]]], ["spec.tolerations[0].operator: Invalid"]),
    (["tolerations": [["key": "a", "effect": "Never"]]], ["spec.tolerations[0].effect: NotSupported"]),
    (["tolerations": [["key": "a", "tolerationSeconds": 1]]], ["spec.tolerations[0].effect: Invalid"]),
    (["schedulingGates": [["name": "a"], ["name": "a"]]], ["spec.schedulingGates[1].name: Duplicate"]),
    (
      ["topologySpreadConstraints": [["maxSkew": 0, "topologyKey": "", "whenUnsatisfiable": "x"]]],
      [
        "spec.topologySpreadConstraints[0].maxSkew: Invalid", "spec.topologySpreadConstraints[0].topologyKey: Required",
        "spec.topologySpreadConstraints[0].whenUnsatisfiable: NotSupported",
      ]
    ),
    (
      [
        "affinity": [
          "nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": []]]
        ]
      ],
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required"
      ]
    ),
    (["volumes": [["name": "a"], ["name": "a"]]], ["spec.volumes[1].name: Duplicate"]),
    (["volumes": [["name": "A", "emptyDir": [:]]]], ["spec.volumes[0].name: Invalid"]),
    (
      ["volumes": [["name": "a", "emptyDir": [:], "secret": ["secretName": "s"]]]],
      ["spec.volumes[0].secret: Forbidden"]
    ),
    (["volumes": [["name": "a", "secret": [:]]]], ["spec.volumes[0].secret.secretName: Required"]),
    (
      ["volumes": [["name": "a", "configMap": ["name": "m", "defaultMode": 512]]]],
      [
        "spec.volumes[0].configMap.defaultMode: Invalid"
      ]
    ),
    (
      ["volumes": [["name": "a", "configMap": ["name": "m", "items": [["key": "k", "path": "../x"]]]]]],
      [
        "spec.volumes[0].configMap.items[0].path: Invalid"
      ]
    ),
    (["volumes": [["name": "a", "hostPath": ["path": ""]]]], ["spec.volumes[0].hostPath.path: Required"]),
    (
      [
        "volumes": [
          ["name": "a", "projected": ["sources": [["serviceAccountToken": ["path": "t", "expirationSeconds": 1]]]]]
        ]
      ],
      ["spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid"]
    ),
    (["initContainers": [["name": "game", "image": "a"]]], ["spec.initContainers[0].name: Duplicate"]),
    (
      ["initContainers": [["name": "i", "image": "a", "readinessProbe": ["tcpSocket": ["port": 1]]]]],
      ["spec.initContainers[0].readinessProbe: Forbidden"]
    ),
    (
      [
        "initContainers": [
          ["name": "i", "image": "a", "restartPolicy": "Always", "readinessProbe": ["tcpSocket": ["port": 1]]]
        ]
      ], []
    ),
    (["containers": []], ["spec.containers: Required"]),
  ]

  @Test(arguments: Self.pod.indices) func specificationsAreChecked(index: Int) {
    let (fields, faults) = Self.pod[index]
    #expect(Self.faults(Self.spec(fields)) == faults, "\(fields)")
  }

  @Test func hostNetworkTakesTheContainersPorts() {
    let spec = Self.spec(container: ["ports": [["containerPort": 80]]], ["hostNetwork": true])
    #expect(spec["containers"]?.arrayValue?.first?["ports"]?.arrayValue?.first?["hostPort"] == 80)
    #expect(Self.faults(spec).isEmpty)
    let other = Self.spec(container: ["ports": [["containerPort": 80, "hostPort": 81]]], ["hostNetwork": true])
    #expect(Self.faults(other) == ["C.ports[0].hostPort: Invalid"])
  }

  @Test func defaultsAreFilledIn() {
    let spec = Self.spec(
      container: [
        "resources": ["limits": ["cpu": "1000m"]], "livenessProbe": ["httpGet": ["port": 80]],
        "env": [["name": "a", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]],
      ], ["volumes": [["name": "a"], ["name": "b", "secret": ["secretName": "s"]]], "serviceAccount": "old"])
    let container = spec["containers"]?.arrayValue?.first
    #expect(container?["resources"] == ["limits": ["cpu": "1"], "requests": ["cpu": "1"]])
    #expect(
      container?["livenessProbe"] == [
        "httpGet": ["port": 80, "path": "/", "scheme": "HTTP"], "timeoutSeconds": 1, "periodSeconds": 10,
        "successThreshold": 1, "failureThreshold": 3,
      ])
    #expect(container?["env"]?.arrayValue?.first?["valueFrom"]?["fieldRef"]?["apiVersion"] == "v1")
    #expect(
      spec["volumes"] == [
        ["name": "a", "emptyDir": [:]], ["name": "b", "secret": ["secretName": "s", "defaultMode": 420]],
      ])
    #expect(spec["serviceAccountName"] == "old")
  }

  @Test(
    arguments: [
      ([:], "BestEffort"), (["requests": ["cpu": "1"]], "Burstable"),
      (["limits": ["cpu": "1"]], "Burstable"), (["limits": ["cpu": "1", "memory": "1Gi"]], "Guaranteed"),
      (["limits": ["cpu": "1", "memory": "1Gi"], "requests": ["cpu": "500m"]], "Burstable"),
      (["limits": ["example.com/gpu": "1"]], "BestEffort"),
    ] as [(JSONValue, String)])
  func theClassFollowsTheResources(resources: JSONValue, quality: String) {
    #expect(QualityOfService(of: Self.spec(container: ["resources": resources])).rawValue == quality)
  }
}
