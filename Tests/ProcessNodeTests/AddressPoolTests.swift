import Testing

@testable import ProcessNode

struct AddressPoolTests {
  @Test func givesEveryOwnerItsOwnAddressAndKeepsIt() throws {
    var pool = AddressPool()
    #expect(pool.address(for: "a") == "127.64.0.1")
    #expect(pool.address(for: "b") == "127.64.0.2")
    #expect(pool.address(for: "a") == "127.64.0.1")
    #expect(pool.count == 2)
  }

  @Test func aFreedAddressRestsBeforeItIsGivenAgain() throws {
    var pool = AddressPool(try #require(AddressPool.Range("127.9.0.0/30")))
    #expect(pool.address(for: "a") == "127.9.0.1")
    pool.release("a")
    #expect(pool.address(for: "b") == "127.9.0.2")
    #expect(pool.address(for: "c") == "127.9.0.1")
    #expect(pool.address(for: "d") == nil)
    pool.release("b")
    #expect(pool.address(for: "d") == "127.9.0.2")
  }

  @Test func anAddressFromBeforeARestartIsTakenAgainUnlessItIsForeignOrTaken() {
    var pool = AddressPool()
    #expect(pool.address(for: "a", preferred: "127.64.3.9") == "127.64.3.9")
    #expect(pool.address(for: "b", preferred: "127.64.3.9") == "127.64.0.1")
    #expect(pool.address(for: "c", preferred: "10.0.0.1") == "127.64.0.2")
    #expect(pool.address(for: "d", preferred: "nonsense") == "127.64.0.3")
  }

  @Test(arguments: [
    "", "127.64.0.0", "10.0.0.0/8", "127.64.0.0/31", "127.64.0.1/16", "127.0.0.0/8", "127.0.0.0/24", "127.64.0.0/x",
  ])
  func refusesBlocksThatCannotServe(text: String) {
    #expect(AddressPool.Range(text) == nil)
  }
}
