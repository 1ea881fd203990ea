/// What controller and sidecar agree on about the tokens by which the one knows the other.
public enum SidecarTokens {
  /// Who makes them.
  public static let issuer = "umpire-controller"
  /// The sidecar's variable with the public keys whose tokens it takes: base64url of 32 bytes each, separated by commas.
  public static let keysVariable = "UMPIRE_CONTROLLER_KEYS"
  /// The sidecar's variable with the uid of its Server, for which tokens are made.
  public static let audienceVariable = "UMPIRE_SERVER_UID"
}
