import Glibc

/// What a person reads: whole lines on standard output, at once, even where it is no terminal.
enum Console {
  static func print(_ text: String) {
    Swift.print(text)
    fflush(nil)
  }
}
