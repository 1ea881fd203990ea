import KubernetesModel

extension Value {
  /// The value as `string()` and messages show it; empty for a value without such a form.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .int(let int): String(int)
    case .uint(let uint): String(uint)
    case .double(let double): Self.text(double)
    case .string(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .duration(let duration): duration.text
    case .timestamp(let timestamp): timestamp.text
    case .type(let type): type.runtimeName
    case .quantity(let quantity): quantity.description
    case .list, .map, .optional: ""
    }
  }

  /// The shortest decimal that reads as the number, with an exponent for the very large and the very small: `1e+06`.
  private static func text(_ number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf" }
    var digits = ""
    var exponent = 0
    var pointIndex: Int?
    for character in "\(number.magnitude)".lowercased() {
      if character == "e" {
        break
      } else if character == "." {
        pointIndex = digits.count
      } else {
        digits.append(character)
      }
    }
    let parts = "\(number.magnitude)".lowercased().split(separator: "e")
    if parts.count == 2 { exponent = Int(parts[1]) ?? 0 }
    exponent += (pointIndex ?? digits.count) - 1
    let leading = digits.prefix { $0 == "0" }.count
    exponent -= leading
    digits = String(digits.dropFirst(leading))
    while digits.last == "0" { digits.removeLast() }
    let sign = number.sign == .minus ? "-" : ""
    if digits.isEmpty { return "\(sign)0" }
    if exponent < -4 || exponent >= 6 {
      let fraction = digits.dropFirst()
      let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return "\(sign)\(digits.prefix(1))\(fraction.isEmpty ? "" : ".\(fraction)")e\(exponent < 0 ? "-" : "+")\(power)"
    }
    if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
    let whole = digits.prefix(exponent + 1)
    let padding = String(repeating: "0", count: exponent + 1 - whole.count)
    let fraction = digits.dropFirst(exponent + 1)
    return "\(sign)\(whole)\(padding)\(fraction.isEmpty ? "" : ".\(fraction)")"
  }
}
