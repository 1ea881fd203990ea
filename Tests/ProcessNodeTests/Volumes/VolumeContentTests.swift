import KubernetesModel
import Testing

@testable import ProcessNode

struct VolumeContentTests {
  private static let map: JSONValue = [
    "data": ["a.yaml": "one", "b": ""], "binaryData": ["c": "AP8="],
  ]

  private static func content(
    _ object: JSONValue?, _ kind: ContentKind = .configMap, _ source: JSONValue = [:]
  ) throws -> [String: VolumeContent.File] {
    var source = source
    source["name"] = "arena"
    var content = VolumeContent(volume: "v", mode: 0o644)
    try content.add(object, of: VolumeObject(kind, source, name: "name"))
    return content.files
  }

  @Test func everyKeyBecomesAFile() throws {
    #expect(
      try Self.content(Self.map) == [
        "a.yaml": .init(bytes: Array("one".utf8), mode: 0o644), "b": .init(bytes: [], mode: 0o644),
        "c": .init(bytes: [0, 0xFF], mode: 0o644),
      ])
    #expect(
      try Self.content(["data": ["k": "AAE="]], .secret) == ["k": .init(bytes: [0, 1], mode: 0o644)])
    #expect(try Self.content([:]) == [:])
  }

  @Test func itemsChooseKeysPathsAndModes() throws {
    let items: JSONValue = [["key": "a.yaml", "path": "x/y.yaml", "mode": 256]]
    #expect(
      try Self.content(Self.map, .configMap, ["items": items])
        == ["x/y.yaml": .init(bytes: Array("one".utf8), mode: 0o400)])
  }

  @Test func whatIsMissingIsSaidAsAKubeletDoes() throws {
    func message(_ object: JSONValue?, _ kind: ContentKind, _ source: JSONValue = [:]) -> String? {
      #expect(throws: ContainerProblem.self) { _ = try Self.content(object, kind, source) }?.message
    }
    let items: JSONValue = [["key": "none", "path": "p"]]
    #expect(message(nil, .configMap) == "volume \"v\": configmap \"arena\" not found")
    #expect(message(nil, .secret) == "volume \"v\": secret \"arena\" not found")
    #expect(
      message(Self.map, .configMap, ["items": items])
        == "volume \"v\": configmap \"arena\" references non-existent config key: none")
    #expect(
      message([:], .secret, ["items": items])
        == "volume \"v\": secret \"arena\" references non-existent secret key: none")
    #expect(try Self.content(nil, .configMap, ["optional": true]) == [:])
    #expect(try Self.content(Self.map, .configMap, ["optional": true, "items": items]) == [:])
  }

  @Test(arguments: ["", "/a", "../a", "a/../../b", "a//b", "..data", "..2026/x", ".", "a/.", "a\0b"])
  func pathsThatLeadElsewhereAreRefused(path: String) {
    let items: JSONValue = [["key": "a.yaml", "path": .string(path)]]
    #expect(throws: ContainerProblem.self) { try Self.content(Self.map, .configMap, ["items": items]) }
    #expect(throws: ContainerProblem.self) { try Self.content(["data": .object([path: "x"])]) }
  }

  @Test func whatIsNotBase64OrTooMuchIsRefused() {
    #expect(throws: ContainerProblem.self) { try Self.content(["data": ["k": "§"]], .secret) }
    let large = JSONValue.string(String(repeating: "x", count: VolumeContent.mostBytes / 2 + 1))
    #expect(throws: Never.self) { try Self.content(["data": ["a": large]]) }
    #expect(throws: ContainerProblem.self) { try Self.content(["data": ["a": large, "b": large]]) }
    let many = (0...VolumeContent.mostFiles).map { ("k\($0)", JSONValue.string("")) }
    #expect(throws: ContainerProblem.self) {
      try Self.content(["data": .object(Dictionary(uniqueKeysWithValues: many))])
    }
  }

  @Test func fieldsOfThePodBecomeFiles() throws {
    var pod = makePod(containers: [])
    pod.metadata.labels = ["b": "2", "a": "x \"y\"\n"]
    let fields = PodFields(pod: pod, podAddress: "127.64.0.7", hostAddress: "127.0.0.1")
    var content = VolumeContent(volume: "v", mode: 0o644)
    try content.add(
      [
        VolumeItem(key: "metadata.labels", path: "labels"), VolumeItem(key: "metadata.annotations", path: "none"),
        VolumeItem(key: "metadata.name", path: "name", mode: 0o600),
      ], of: fields)
    #expect(content.files["labels"]?.bytes == Array("a=\"x \\\"y\\\"\\n\"\nb=\"2\"".utf8))
    #expect(content.files["none"]?.bytes == [])
    #expect(content.files["name"] == .init(bytes: Array("arena-1-pod".utf8), mode: 0o600))
    #expect(throws: ContainerProblem.self) {
      try content.add([VolumeItem(key: "spec.unknown", path: "x")], of: fields)
    }
  }
}
