import COpenSSL

/// One object of the library, freed at the end of its life.
struct Owned<Pointer>: ~Copyable {
  /// Valid as long as this value lives.
  let pointer: Pointer
  private var release: ((Pointer) -> Void)?

  /// Takes over what the library returned.
  ///
  /// - Throws: ``CryptographyError`` if that is nothing.
  init(
    _ pointer: Pointer?, _ doing: String, release: @escaping (Pointer) -> Void
  ) throws(CryptographyError) {
    guard let pointer else { throw CryptographyError(.libraryFailure, "\(doing): \(ErrorQueue.take())") }
    self.pointer = pointer
    self.release = release
  }

  deinit { self.release?(self.pointer) }

  /// Gives the object away to what will free it.
  consuming func take() -> Pointer {
    var given = self
    given.release = nil
    return given.pointer
  }
}
