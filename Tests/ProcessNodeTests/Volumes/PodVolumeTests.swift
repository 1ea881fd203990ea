import KubernetesModel
import Testing

@testable import ProcessNode

struct PodVolumeTests {
  @Test func everySourceThatIsSupportedIsRead() throws {
    #expect(try PodVolume(["name": "v", "emptyDir": ["medium": "Memory"]]).content == .empty)
    var map = VolumeObject(.configMap, ["name": "m"], name: "name")
    #expect(
      try PodVolume(["name": "v", "configMap": ["name": "m", "defaultMode": 256]]).content
        == .files([.object(map)], mode: 0o400))
    map.isOptional = true
    map.items = [VolumeItem(key: "k", path: "a/b", mode: 0o600), VolumeItem(key: "l", path: "l", mode: nil)]
    let items: JSONValue = [["key": "k", "path": "a/b", "mode": 384], ["key": "l", "path": "l"]]
    #expect(
      try PodVolume(["name": "v", "configMap": ["name": "m", "optional": true, "items": items]]).content
        == .files([.object(map)], mode: 0o644))
    let secret = VolumeObject(.secret, ["secretName": "s"], name: "secretName")
    #expect(secret.name == "s")
    #expect(
      try PodVolume(["name": "v", "secret": ["secretName": "s"]]).content == .files([.object(secret)], mode: 0o644))
    let fields: JSONValue = ["items": [["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]]]]
    let item = VolumeItem(key: "metadata.labels", path: "labels", mode: nil)
    #expect(try PodVolume(["name": "v", "downwardAPI": fields]).content == .files([.fields([item])], mode: 0o644))
    let sources: JSONValue = [
      ["serviceAccountToken": ["path": "token"]], ["secret": ["name": "s"]], ["downwardAPI": fields],
    ]
    #expect(
      try PodVolume(["name": "v", "projected": ["sources": sources]]).content
        == .files([.token(VolumeToken(["path": "token"])), .object(secret), .fields([item])], mode: 0o644))
  }

  @Test func aTokenIsRequestedForThePodAndRenewedInTime() {
    let token = VolumeToken(["path": "t", "audience": "studio", "expirationSeconds": 600])
    var pod = makePod(containers: [shell("true")])
    pod.metadata.uid = "uid-7"
    #expect(
      token.request(for: pod)
        == TokenRequest.Spec(
          audiences: ["studio"], expirationSeconds: 600,
          boundObjectRef: .init(kind: "Pod", name: "arena-1-pod", uid: "uid-7")))
    #expect(VolumeToken(["path": "t"]).request(for: pod).audiences == nil)
    #expect(VolumeToken(["path": "t"]).seconds == 3600)
    let now = Timestamp(secondsSinceEpoch: 1_000)
    let issued = IssuedToken(
      TokenRequest.Status(token: "x", expirationTimestamp: Timestamp(secondsSinceEpoch: 1_600)), now: now)
    #expect(issued.renewal == Timestamp(secondsSinceEpoch: 1_480))
  }

  @Test func certificatesBesideATokenMayBeMissing() throws {
    let map: JSONValue = ["configMap": ["name": "kube-root-ca.crt"]]
    func isOptional(_ sources: JSONValue) throws -> Bool? {
      let volume = try PodVolume(["name": "v", "projected": ["sources": sources]])
      guard case .files(let files, _) = volume.content else { return nil }
      return files.lazy.compactMap { if case .object(let object) = $0 { object.isOptional } else { nil } }.first
    }
    #expect(try isOptional([["serviceAccountToken": ["path": "token"]], map]) == true)
    #expect(try isOptional([map]) == false)
  }

  @Test(
    arguments: [
      (["name": "v", "hostPath": ["path": "/"]], "hostPath"),
      (["name": "v", "persistentVolumeClaim": ["claimName": "c"]], "persistentVolumeClaim"),
      (["name": "v"], "without a source"),
      (["name": "v", "projected": ["sources": [["clusterTrustBundle": ["path": "p"]]]]], "clusterTrustBundle"),
      (
        ["name": "v", "downwardAPI": ["items": [["path": "cpu", "resourceFieldRef": ["resource": "limits.cpu"]]]]],
        "fieldRef"
      ),
    ] as [(JSONValue, String)])
  func anyOtherIsRefusedByName(volume: JSONValue, word: String) {
    let problem = #expect(throws: ContainerProblem.self) { try PodVolume(volume) }
    #expect(problem?.reason == .configuration)
    #expect(problem?.message.contains("volume \"v\": ") == true)
    #expect(problem?.message.contains(word) == true)
  }

  @Test func aVolumeThatThePodDoesNotHaveIsNamed() {
    let problem = #expect(throws: ContainerProblem.self) { try PodVolume("v", of: PodSpec()) }
    #expect(problem?.message == "volume \"v\": the Pod has no such volume")
  }

  @Test func mountsAreReadWithTheirParts() throws {
    var container = Container(name: "c", image: "i")
    container.fields["volumeMounts"] = [
      ["name": "a", "mountPath": "/a", "readOnly": true], ["name": "b", "mountPath": "b", "subPath": "x/y"],
      ["name": "b", "mountPath": "/c", "subPathExpr": "$(NAME)/z"],
    ]
    let mounts = try ContainerMount.all(of: container, environment: ["NAME": "n"])
    #expect(mounts.map(\.volume) == ["a", "b", "b"])
    #expect(mounts.map(\.path) == ["/a", "/b", "/c"])
    #expect(mounts.map(\.subPath) == ["", "x/y", "n/z"])
  }

  @Test(arguments: [
    ("/", "x"), ("", "x"), ("/a/..", "x"), ("/a", "/x"), ("/a", ".."), ("/a", "x/../../y"), ("/a", "x\0y"),
  ])
  func aMountThatLeadsElsewhereIsRefused(path: String, subPath: String) {
    var container = Container(name: "c", image: "i")
    container.fields["volumeMounts"] = [
      ["name": "v", "mountPath": .string(path), "subPath": .string(subPath)]
    ]
    let problem = #expect(throws: ContainerProblem.self) { try ContainerMount.all(of: container, environment: [:]) }
    #expect(problem?.message.hasPrefix("volume \"v\": ") == true)
  }
}
