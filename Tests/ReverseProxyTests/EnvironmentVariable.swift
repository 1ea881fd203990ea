import Glibc

enum EnvironmentVariable {
  static func set(_ name: String, to value: String) { setenv(name, value, 1) }
}
