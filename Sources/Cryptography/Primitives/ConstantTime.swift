import COpenSSL

/// Comparison whose duration tells nothing about the bytes.
package enum ConstantTime {
  /// Whether both are the same; only their lengths can be learnt from the time it takes.
  package static func areEqual(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
    let one = Array(one)
    let other = Array(other)
    return one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
  }
}
