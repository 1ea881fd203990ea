import COpenSSLShims

/// How names are written.
enum NameFlags {
  static let value = openssl_shim_name_flags()
}
