/// Expands `$(NAME)` as Kubernetes does in `command`, `args` and `env`.
enum VariableExpansion {
  /// Replaces every `$(NAME)` of a known variable.
  ///
  /// An unknown one stays as it is written, and `$$` stands for `$`.
  static func expand(_ text: String, with variables: [String: String]) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    var result = ""
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      let next = rest.index(after: dollar)
      guard next < rest.endIndex else {
        result.append("$")
        return result
      }
      switch rest[next] {
      case "$":
        result.append("$")
        rest = rest[rest.index(after: next)...]
      case "(":
        guard let close = rest[next...].firstIndex(of: ")") else {
          result += rest[dollar...]
          return result
        }
        let name = String(rest[rest.index(after: next)..<close])
        result += variables[name] ?? "$(\(name))"
        rest = rest[rest.index(after: close)...]
      default:
        result.append("$")
        rest = rest[next...]
      }
    }
    return result + rest
  }
}
