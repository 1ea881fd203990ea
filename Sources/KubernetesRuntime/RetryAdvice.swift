import KubernetesClient

/// What a failed reconcile says about the next try.
enum RetryAdvice {
  /// Failures that come with the way of working: a conflict means that the store is about to show something newer, and
  /// who lost the lead is about to stop.
  static func isExpected(_ error: any Error) -> Bool {
    guard let error = error as? APIError else { return false }
    return error.isConflict || error.isAlreadyExists || error.isNotFound || error.isWithheld
  }

  /// What the server asked for.
  static func minimumDelay(for error: any Error) -> Duration? {
    (error as? APIError)?.retryAfter
  }
}
