import CarrierSDK
import GRPCCore
import HTTPTypes
import Testing

@testable import UmpireSidecar

struct SDKChangeTests {
  private static func change(_ field: SDKField, _ key: String, _ value: String) throws(RPCError) -> ServerChange {
    var pair = Carrier_Dev_Sdk_KeyValue()
    pair.key = key
    pair.value = value
    return try ServerChange(field, pair)
  }

  @Test(arguments: ["mode", "umpire.dev/sdk-mode", "carrier.ocgi.dev/sdk-mode"])
  func aKeyGetsThePrefixOnce(key: String) throws {
    #expect(try Self.change(.label, key, "ranked") == .label(key: "umpire.dev/sdk-mode", value: "ranked"))
    #expect(try Self.change(.annotation, key, "") == .annotation(key: "umpire.dev/sdk-mode", value: ""))
  }

  @Test func theLongestThingsFit() throws {
    // With "sdk-" a name has 63 characters.
    let name = String(repeating: "n", count: 59)
    let value = String(repeating: "v", count: 63)
    #expect(try Self.change(.label, name, value) == .label(key: "umpire.dev/sdk-" + name, value: value))
    let long = String(repeating: "ü", count: ServerChange.annotationBytes / 2)
    #expect(try Self.change(.annotation, "a", long) == .annotation(key: "umpire.dev/sdk-a", value: long))
  }

  @Test(arguments: [
    (SDKField.label, "", "v", "the key is refused: must not be empty"),
    (.annotation, "umpire.dev/sdk-", "v", "the key is refused: must not be empty"),
    (.label, "a b", "v", "name part must consist of"), (.label, "a/b", "v", "a qualified name must consist of"),
    (.label, "umpire.dev/fleet", "v", "a qualified name must consist of"), (.label, "ends-", "v", "name part must"),
    (.annotation, String(repeating: "n", count: 60), "v", "name part must be no more than 63 bytes"),
    (.label, "a", String(repeating: "v", count: 64), "the value is refused: must be no more than 63 bytes"),
    (.label, "a", "no spaces", "the value is refused: a valid label must"), (.label, "a", "ü", "a valid label must"),
    (
      .annotation, "a", String(repeating: "v", count: ServerChange.annotationBytes + 1),
      "the value is refused: must be no more than 32768 bytes"
    ),
    (.condition, "", "True", "the type is refused: name part must be non-empty"),
    (.condition, "Map Loaded", "True", "the type is refused: name part must consist of"),
    (.condition, String(repeating: "n", count: 64), "True", "the type is refused: name part must be no more than 63"),
  ])
  func whatKubernetesWouldRefuseIsRefused(field: SDKField, key: String, value: String, reason: String) {
    let error = #expect(throws: RPCError.self) { try Self.change(field, key, value) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains(reason) == true)
    // The client's own text is not sent back: it may be long.
    #expect((error?.message.utf8.count ?? 0) < 600)
  }

  @Test(arguments: [
    ("True", true), ("true", false), ("TRUE", false), ("1", false), ("False", false), ("", false), (" True", false),
  ])
  func aConditionIsTrueForOneWordOnly(value: String, isTrue: Bool) throws {
    #expect(
      try Self.change(.condition, "MapLoaded", value)
        == .condition(type: "MapLoaded", isTrue: isTrue, reason: "SetByGameServer"))
  }

  @Test func permissionToDeleteIsTheSameAsTheSidecarsOwn() throws {
    #expect(
      try Self.change(.condition, "DeleteAllowed", "True")
        == .condition(type: "DeleteAllowed", isTrue: true, reason: "AllowedByGameServer"))
    #expect(
      try Self.change(.condition, "DeleteAllowed", "no")
        == .condition(type: "DeleteAllowed", isTrue: false, reason: "NotAllowedByGameServer"))
  }

  @Test(arguments: ["Ready", "Deletable", "ShutdownRequested"])
  func whatTheControllerWritesIsNotTheGames(type: String) {
    let error = #expect(throws: RPCError.self) { try Self.change(.condition, type, "True") }
    #expect(error?.code == .permissionDenied)
    #expect(error?.message == "condition \(type) is not the game server's to set")
  }

  @Test(arguments: [
    (SidecarError.Code.notStored, RPCError.Code.unavailable, 503), (.stopping, .unavailable, 503),
    (.overloaded, .resourceExhausted, 429), (.gone, .notFound, 404), (.refused, .failedPrecondition, 400),
    (.withdrawn, .cancelled, 408),
  ])
  func aFailureOfTheSidecarHasACodeForEachWay(code: SidecarError.Code, told: RPCError.Code, status: Int) {
    let error = RPCError(SidecarError(code, "why"))
    #expect(error.code == told)
    #expect(error.message == "why")
    #expect(error.code.status.code == status)
  }
}
