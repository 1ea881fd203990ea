private import Cryptography
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file in the data folder that keeps the key of the service accounts' tokens, so that they outlive a restart.
enum SigningKeyFile {
  static let name = "service-account.key"

  /// The 32 bytes of the key, which is made if there is none.
  ///
  /// The caller holds the folder's lock. Only the owner can read the file.
  ///
  /// - Throws: ``APIServerError`` with code `signingKey`.
  static func seed(in folder: String) throws(APIServerError) -> [UInt8] {
    let path = "\(folder)/\(Self.name)"
    guard FileManager.default.fileExists(atPath: path) else { return try self.newSeed(path) }
    guard let data = FileManager.default.contents(atPath: path), data.count <= 256,
      let seed = Base64URL.decode(String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }),
      seed.count == Ed25519.keyByteCount
    else {
      throw APIServerError(
        .signingKey,
        "'\(path)' holds no signing key; without the file the server makes a new key, which ends every token")
    }
    return seed
  }

  private static func newSeed(_ path: String) throws(APIServerError) -> [UInt8] {
    let seed: [UInt8]
    do {
      seed = try RandomBytes.make(Ed25519.keyByteCount)
    } catch {
      throw APIServerError(.signingKey, "no key to sign the tokens of service accounts: \(error)")
    }
    // Whole or not at all, also if the process ends in between.
    let draft = "\(path).new"
    _ = unlink(draft)
    let number =
      self.store(Array((Base64URL.encode(seed) + "\n").utf8), at: draft) ?? (rename(draft, path) == 0 ? nil : errno)
    if let number {
      throw APIServerError(.signingKey, "cannot write '\(path)': \(String(cString: strerror(number)))")
    }
    return seed
  }

  /// Writes a new file that only the owner can read; returns the number of the error, nil if there is none.
  private static func store(_ bytes: [UInt8], at path: String) -> Int32? {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return errno }
    defer { _ = close(descriptor) }
    // So few bytes are written in one go or not at all.
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else { return errno }
    return nil
  }
}
