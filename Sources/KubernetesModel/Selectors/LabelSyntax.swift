/// What may stand in names, and in keys and values of labels.
public enum LabelSyntax {
  /// What is wrong with a label's or an annotation's key, as kube-apiserver words it; nil if nothing is.
  public static func fault(inKey key: String) -> String? {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2 else {
      return
        "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. "
        + "'example.com/MyName')"
    }
    if parts.count == 2 {
      if parts[0].isEmpty { return "prefix part must be non-empty" }
      if let fault = self.fault(inSubdomain: String(parts[0])) { return "prefix part \(fault)" }
    }
    let name = parts[parts.count - 1]
    if name.isEmpty { return "name part must be non-empty" }
    if name.utf8.count > 63 { return "name part must be no more than 63 bytes" }
    guard self.isWord(name) else {
      return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    }
    return nil
  }

  /// What is wrong with a label's value; nil if nothing is.
  public static func fault(inValue value: String) -> String? {
    if value.utf8.count > 63 { return "must be no more than 63 bytes" }
    guard value.isEmpty || self.isWord(Substring(value)) else {
      return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    }
    return nil
  }

  /// What is wrong with an RFC 1123 subdomain, as most objects' names are; nil if nothing is.
  public static func fault(inSubdomain name: String) -> String? {
    if name.utf8.count > 253 { return "must be no more than 253 bytes" }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ self.isLabel($0) }) else {
      return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    }
    return nil
  }

  /// What is wrong with an RFC 1123 label, as a namespace's or a container's name is; nil if nothing is.
  public static func fault(inLabel name: String) -> String? {
    if name.utf8.count > 63 { return "must be no more than 63 bytes" }
    guard self.isLabel(Substring(name)) else {
      return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
        + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    }
    return nil
  }

  private static func isLabel(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return self.isLowerOrDigit(first) && self.isLowerOrDigit(last)
      && text.utf8.allSatisfy { self.isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
  }

  private static func isWord(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return self.isAlphanumeric(first) && self.isAlphanumeric(last)
      && text.utf8.allSatisfy {
        self.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
      }
  }

  private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    self.isLowerOrDigit(byte) || (0x41...0x5A).contains(byte)
  }
}
