import KubernetesModel

/// Names that all of Umpire's kinds share.
public enum Umpire {
  /// The API group.
  public static let group = "umpire.dev"
  /// The API version.
  public static let version = "v1alpha1"
  /// Group and version.
  public static let apiVersion = "umpire.dev/v1alpha1"

  static func resourceType(_ kind: String, _ plural: String) -> ResourceType {
    ResourceType(group: Self.group, version: Self.version, kind: kind, plural: plural)
  }
}

/// Labels on every child.
public enum Labels {
  /// The GameType's name.
  public static let gameType = "umpire.dev/game-type"
  /// The Fleet's name.
  public static let fleet = "umpire.dev/fleet"
  /// The Server's name.
  public static let server = "umpire.dev/server"
  /// On Pods: `true` while the Server may not be deleted, so that no eviction ends it.
  public static let protected = "umpire.dev/protected"
  /// A digest of the Server template that a Fleet was made for.
  public static let templateHash = "umpire.dev/template-hash"
}

/// Annotations that Umpire reads.
public enum Annotations {
  /// Names the WebhookConfiguration of a hand-made Server.
  public static let webhookConfigurationName = "umpire.dev/webhook-config-name"
  /// An integer; among equals the Server with the lower cost goes first, those without come last.
  public static let deletionCost = "umpire.dev/deletion-cost"
  /// On Pods, for the cluster autoscaler: whether it may take the node away under them.
  public static let safeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict"
}

/// Finalizers that Umpire sets.
public enum Finalizers {
  /// Holds a Server until its Pod is gone.
  public static let deletionGate = "umpire.dev/deletion-gate"
  /// Holds a Fleet or GameType until its children are gone.
  public static let children = "umpire.dev/children"
}

/// Types of conditions that Umpire writes.
public enum ConditionTypes {
  /// Set by the sidecar's `/allow_delete`; the deletable gate of a Server that names none.
  public static let deleteAllowed = "DeleteAllowed"
  /// Set by the sidecar once the game was told to end.
  public static let shutdownRequested = "ShutdownRequested"
  /// A Server whose readiness gates are all true.
  public static let ready = "Ready"
  /// The node of a Server's Pod is not ready, or does not exist any more.
  public static let nodeLost = "NodeLost"
  /// Why a Server that is to go is still there, or that it may go.
  public static let deletable = "Deletable"
  /// An update of a GameType is under way, or complete.
  public static let progressing = "Progressing"
  /// Enough Servers are ready.
  public static let available = "Available"
  /// Servers could not be created.
  public static let replicaFailure = "ReplicaFailure"
  /// The autoscaler may write the number of replicas.
  public static let ableToScale = "AbleToScale"
  /// The webhook answers.
  public static let scalingActive = "ScalingActive"
  /// The answer was cut to the bounds.
  public static let scalingLimited = "ScalingLimited"
  /// Every webhook of a WebhookConfiguration can be asked as it stands.
  public static let valid = "Valid"
}

/// Types of constraints that Umpire sets.
public enum ConstraintTypes {
  /// The Server takes no new players.
  public static let notInService = "NotInService"
}
