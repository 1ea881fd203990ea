import HTTPTransport
import Testing

struct NetworkRangeTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
    ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
    ("2001:db8::192.0.2.1", "2001:db8::c000:201"), ("::ffff:169.254.1.2", "169.254.1.2"),
    ("::ffff:a9fe:102", "169.254.1.2"), ("64:ff9b::a9fe:a9fe", "169.254.169.254"), ("fe80::1", "fe80::1"),
  ])
  func addressesAreRead(_ text: String, _ expected: String) {
    #expect(NetworkAddress(text)?.description == expected)
  }

  @Test(arguments: [
    "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", "+1.2.3.4", ":", ":::", "1::2::3",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", "::1%eth0", "[::1]", "1.2.3.4::",
    "::1.2.3", "٣.1.1.1", "localhost",
  ])
  func whatIsNoAddressIsNotRead(_ text: String) {
    #expect(NetworkAddress(text) == nil)
  }

  @Test func addressesHaveFourOrSixteenBytes() {
    #expect(NetworkAddress(bytes: [1, 2, 3]) == nil)
    #expect(NetworkAddress(bytes: [UInt8](repeating: 0, count: 8)) == nil)
    #expect(NetworkAddress(bytes: [1, 2, 3, 4])?.description == "1.2.3.4")
  }

  @Test(arguments: [
    ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0", "::a00:1"]),
    ("192.0.2.8/30", ["192.0.2.8", "192.0.2.11"], ["192.0.2.7", "192.0.2.12"]),
    ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::1"]),
    ("::/0", ["::1", "fe80::1"], ["1.2.3.4", "::ffff:1.2.3.4"]),
    ("fe80::/10", ["fe80::", "febf:ffff::1"], ["fec0::", "fe7f::1"]),
    ("192.0.2.1", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.2"]),
    ("::ffff:10.0.0.0/104", ["10.1.2.3"], ["11.0.0.0"]),
  ])
  func rangesHoldTheirAddresses(_ range: String, _ inside: [String], _ outside: [String]) throws {
    let range = try #require(NetworkRange(range))
    for text in inside { #expect(NetworkAddress(text).map { range.contains($0) } == true, "\(text)") }
    for text in outside { #expect(NetworkAddress(text).map { range.contains($0) } == false, "\(text)") }
  }

  @Test(arguments: [
    "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.1/8", "10.0.0.0/8/8", "fe80::/129",
    "::ffff:10.0.0.0/8", "10.0.0.0/eight",
  ])
  func whatIsNoRangeIsNotRead(_ text: String) {
    #expect(NetworkRange(text) == nil)
  }

  @Test func metadataServicesAreKnown() throws {
    #expect(NetworkRange.metadataServices.count == 5)
    for text in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "fe80::a9fe:a9fe", "169.254.0.23"] {
      let address = try #require(NetworkAddress(text))
      #expect(NetworkRange.metadataServices.contains { $0.contains(address) }, "\(text)")
    }
    for text in ["127.0.0.1", "10.0.0.1", "::1", "fd00:ec2::253", "8.8.8.8"] {
      let address = try #require(NetworkAddress(text))
      #expect(!NetworkRange.metadataServices.contains { $0.contains(address) }, "\(text)")
    }
  }
}
