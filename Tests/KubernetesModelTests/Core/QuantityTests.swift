import KubernetesModel
import Testing

struct QuantityTests {
  @Test(arguments: [
    ("0", "0"), ("1", "1"), ("1000m", "1"), ("250m", "250m"), ("0.5", "500m"), ("1.5Gi", "1536Mi"), ("1024Ki", "1Mi"),
    ("1000Ki", "1000Ki"), ("8Gi", "8Gi"), ("1e3", "1e3"), ("1000e0", "1e3"), ("12e6", "12e6"), ("1k", "1k"),
    ("1000", "1k"),
    ("1500", "1500"), ("+2", "2"), ("-2", "-2"), ("100Mi", "100Mi"), ("0.1Ki", "102400m"), ("1n", "1n"), ("1E", "1E"),
    ("0Gi", "0"), (".5", "500m"), ("5.", "5"), ("0.0000000001", "1n"), ("2147483648", "2147483648"),
  ])
  func quantitiesAreWrittenAlike(text: String, canonical: String) throws {
    #expect(try #require(Quantity(text)).description == canonical)
    #expect(Quantity(canonical)?.description == canonical)
  }

  @Test(arguments: ["", "lots", "1.2.3", "Gi", ".", "1Qi", "1 Gi", "--1", "1e", "1ee3", "0x10", "1m1", "e3"])
  func otherTextsAreNone(text: String) { #expect(Quantity(text) == nil) }

  @Test func quantitiesCompareByAmount() throws {
    #expect(Quantity("1") == Quantity("1000m"))
    #expect(try #require(Quantity("1Gi")) > #require(Quantity("1G")))
    #expect(try #require(Quantity("-1")) < Quantity.zero)
    #expect(Quantity(.integer(2)) == Quantity("2"))
    #expect(Quantity(.double(0.5)) == Quantity("500m"))
    #expect(Quantity(.bool(true)) == nil)
  }

  @Test(arguments: ["9999999999999999999999E", "1e100", "9223372036854775807Ei"])
  func hugeAmountsAreCutOff(text: String) throws {
    let huge = try #require(Quantity(text))
    #expect(huge >= Quantity("9223372036854775806")!)
    #expect(Quantity("-\(text)")?.isNegative == true)
  }
}
