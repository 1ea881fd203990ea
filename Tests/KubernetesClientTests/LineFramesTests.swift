import KubernetesClient
import Testing

@Suite struct LineFramesTests {
  private func frames(of chunks: [[UInt8]], largest: Int = 100) throws -> [String] {
    var frames = LineFrames(largest: largest)
    var result: [String] = []
    for chunk in chunks {
      frames.append(chunk)
      while let frame = try frames.next() { result.append(String(decoding: frame, as: UTF8.self)) }
    }
    return result
  }

  @Test func everySplitPointGivesTheSameFrames() throws {
    let bytes = Array("{\"a\":1}\n\n{\"b\":\"ü\"}\n{\"c\":3}\n".utf8)
    let expected = ["{\"a\":1}", "{\"b\":\"ü\"}", "{\"c\":3}"]
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let chunks = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
        #expect(try self.frames(of: chunks) == expected)
      }
    }
  }

  @Test func anUnfinishedLineWaits() throws {
    var frames = LineFrames()
    frames.append(Array("{\"a\"".utf8))
    #expect(try frames.next() == nil)
    frames.append(Array(":1}\n".utf8))
    #expect(try frames.next()?.elementsEqual("{\"a\":1}".utf8) == true)
    #expect(try frames.next() == nil)
  }

  @Test func anEndlessLineIsRefused() {
    #expect(throws: LineFrames.FrameTooLarge.self) {
      _ = try self.frames(of: [Array(repeating: 0x61, count: 101)], largest: 100)
    }
  }
}
