import FoundationEssentials
import KubernetesModel
import Testing

@Suite struct UniqueIdentifierTests {
  @Test func everyOneIsAnotherUUIDInLowerCase() {
    let identifiers = (0..<1000).map { _ in UniqueIdentifier.random() }
    #expect(Set(identifiers).count == identifiers.count)
    for identifier in identifiers {
      #expect(identifier == identifier.lowercased())
      // Version 4 of RFC 9562: random.
      #expect(UUID(uuidString: identifier) != nil && identifier.dropFirst(14).first == "4")
    }
  }
}
