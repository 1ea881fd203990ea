import KubernetesModel
import Testing
import YAMLDocument

@Suite struct YAMLReaderTests {
  private func fault(_ text: String, mostValues: Int = 100) -> YAMLFault? {
    do throws(YAMLFault) {
      _ = try YAMLReader.documents(in: text, mostValues: mostValues)
      return nil
    } catch {
      return error
    }
  }

  @Test func scalarsBecomeWhatTheyLookLike() throws {
    let value = try YAMLReader.value(
      of: """
        text: arena
        quoted: "3"
        number: 3
        large: 9223372036854775808
        broken: 1.5
        yes: true
        nothing: ~
        list: [1, a, {b: c}]
        json: {"a": [null, false]}
        """)
    #expect(
      value == [
        "text": "arena", "quoted": "3", "number": 3, "large": "9223372036854775808", "broken": 1.5, "yes": true,
        "nothing": nil, "list": [1, "a", ["b": "c"]], "json": ["a": [nil, false]],
      ])
  }

  @Test func aliasesAreResolved() throws {
    #expect(try YAMLReader.value(of: "a: &a {b: 1}\nc: *a") == ["a": ["b": 1], "c": ["b": 1]])
  }

  @Test(arguments: ["", "# nothing\n"]) func inAnEmptyTextNothingStands(text: String) throws {
    #expect(try YAMLReader.value(of: text) == nil)
    #expect(try YAMLReader.documents(in: text).isEmpty)
  }

  @Test func documentsHaveTheirLines() throws {
    let documents = try YAMLReader.documents(in: "a: 1\n---\n---\n# nothing\n---\nb: 2\n")
    #expect(documents.map(\.value) == [["a": 1], nil, nil, ["b": 2]])
    #expect(documents.first?.line == 1 && documents.last?.line == 6)
    #expect(throws: YAMLFault.self) { try YAMLReader.value(of: "a: 1\n---\nb: 2\n") }
  }

  // MARK: Faults

  @Test func aFaultNamesItsPlace() {
    #expect(self.fault("a: 1\nb: [1\n")?.line == 3)
    #expect(self.fault("a: 1\nb: [1\n")?.column == 1)
    #expect(self.fault("a: 1\nb: [1\n")?.description.hasPrefix("line 3, column 1: not YAML: ") == true)
    #expect(self.fault("a: 1\n---\nb: ]\n")?.line == 3)
    #expect(self.fault("a: 1\na: 2")?.description == "line 1: the same key twice: a")
    #expect(self.fault("a: 1\n[b]: 2")?.description == "line 2: the key of a field is not a string")
    #expect(self.fault("a: *b")?.detail.hasPrefix("not YAML: ") == true)
  }

  @Test func noTextAroundAFaultIsShown() {
    let fault = self.fault("password: hunter2\nb: ]\n")
    #expect(fault?.line == 2 && fault?.description.contains("hunter2") == false)
  }

  @Test func aTextThatUnfoldsIsGivenUp() {
    var bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
    for level in 1...8 {
      bomb += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ","))]\n"
    }
    #expect(self.fault(bomb)?.description == "more than 100 values")
    #expect(self.fault(bomb, mostValues: 20_000)?.description == "more than 20000 values")
    #expect(self.fault(String(repeating: "[", count: 100_000)) != nil)
    // All documents count together.
    #expect(self.fault("[1, 2]\n---\n[3, 4]\n", mostValues: 6) == nil)
    #expect(self.fault("[1, 2]\n---\n[3, 4]\n", mostValues: 5)?.description == "more than 5 values")
  }
}
