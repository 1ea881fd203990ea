/// Makes values of a text's tokens.
///
/// It trusts the tokens: ``JSONScanner`` found them in these very bytes.
struct JSONReader {
  let bytes: UnsafeBufferPointer<UInt8>
  let tokens: UnsafeBufferPointer<JSONToken>

  /// The bytes of a string or number as they stand in the text.
  func raw(at index: Int) -> UnsafeBufferPointer<UInt8> {
    let token = self.tokens[index]
    return UnsafeBufferPointer(rebasing: self.bytes[Int(token.start)..<Int(token.end)])
  }

  /// The string or key that is the token at this place.
  func string(at index: Int) -> String {
    let raw = self.raw(at: index)
    guard self.tokens[index].kind != .string, raw.contains(UInt8(ascii: "\\")) else {
      return String(decoding: raw, as: UTF8.self)
    }
    // No escape is shorter than the character that it stands for.
    return String(unsafeUninitializedCapacity: raw.count) { buffer in
      var escape = JSONEscape(bytes: raw, position: 0)
      var count = 0
      while escape.position < raw.count {
        guard raw[escape.position] == UInt8(ascii: "\\") else {
          buffer[count] = raw[escape.position]
          count += 1
          escape.position += 1
          continue
        }
        guard let scalar = try? escape.next() else { break }  // The scanner lets no bad escape through.
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
          buffer[count] = byte
          count += 1
        }
      }
      return count
    }
  }

  /// The number at this place, if it is a whole one that fits.
  ///
  /// One with a fraction or an exponent is whole if a double holds it exactly.
  func integer<Integer: FixedWidthInteger>(at index: Int) -> Integer? {
    let raw = self.raw(at: index)
    guard self.tokens[index].kind == .integer else {
      return Self.double(raw).flatMap { abs($0) < 0x1p53 ? Integer(exactly: $0) : nil }
    }
    let isNegative = raw.first == UInt8(ascii: "-")
    var value: Integer = 0
    for byte in raw[(isNegative ? 1 : 0)...] {
      let (shifted, isTooLong) = value.multipliedReportingOverflow(by: 10)
      let digit = Integer(truncatingIfNeeded: byte - UInt8(ascii: "0"))
      let (sum, isTooLarge) =
        isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      if isTooLong || isTooLarge { return nil }
      value = sum
    }
    return value
  }

  /// The value at this place and everything inside it.
  ///
  /// Of a repeated key the last value counts.
  ///
  /// - Parameter onRepeat: is given the place of each value whose key stood in its object before.
  func value(at index: Int, onRepeat: (Int) -> Void = { _ in }) -> JSONValue {
    let token = self.tokens[index]
    switch token.kind {
    case .null: return .null
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .integer: return self.integer(at: index).map(JSONValue.integer) ?? self.double(at: index)
    case .decimal: return self.double(at: index)
    case .string, .escapedString, .repeatedKey: return .string(self.string(at: index))
    case .array:
      var elements: [JSONValue] = []
      elements.reserveCapacity(token.count)
      var element = index + 1
      while element < Int(token.next) {
        elements.append(self.value(at: element, onRepeat: onRepeat))
        element = Int(self.tokens[element].next)
      }
      return .array(elements)
    case .object: return .object(self.fields(at: index, onRepeat: onRepeat))
    }
  }

  /// The fields of the object at this place; see ``value(at:onRepeat:)``.
  func fields(at index: Int, onRepeat: (Int) -> Void = { _ in }) -> [String: JSONValue] {
    let token = self.tokens[index]
    var fields = [String: JSONValue](minimumCapacity: token.count)
    var key = index + 1
    while key < Int(token.next) {
      let value = self.value(at: key + 1, onRepeat: onRepeat)
      if fields.updateValue(value, forKey: self.string(at: key)) != nil { onRepeat(key + 1) }
      key = Int(self.tokens[key + 1].next)
    }
    return fields
  }

  private func double(at index: Int) -> JSONValue {
    // The scanner lets nothing through that is out of range.
    .double(Self.double(self.raw(at: index)) ?? 0)
  }

  /// The steps from the text's outermost value to the one at this place.
  func path(to index: Int) -> [Step] {
    var steps: [Step] = []
    var around = 0
    while around < index {
      let isObject = self.tokens[around].kind == .object
      var position = 0
      var child = around + 1
      while true {
        let value = isObject ? child + 1 : child
        let next = Int(self.tokens[value].next)
        if index < next {
          steps.append(isObject ? .field(self.string(at: child)) : .element(position))
          around = value
          break
        }
        child = next
        position += 1
      }
    }
    return steps
  }

  /// One step on the way into a value.
  enum Step {
    case field(String)
    case element(Int)
  }
}

extension JSONReader {
  /// A number's nearest double; nil if it is larger than any.
  static func double(_ digits: UnsafeBufferPointer<UInt8>) -> Double? {
    Double(String(decoding: digits, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
  }

  static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    // What is wrong with them, and where, does not matter.
    (try? UTF8Span(validating: bytes.span)) != nil
  }
}
