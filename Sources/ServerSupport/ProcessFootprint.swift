import NIOCore

/// Keeps a small program small on a machine with many processors.
package enum ProcessFootprint {
  /// One thread for all sockets.
  ///
  /// There would be one for each processor, of which a program beside another one has a fraction. To be called first of
  /// all, before any server is made.
  package static func shrink() {
    NIOSingletons.groupLoopCountSuggestion = 1
    NIOSingletons.blockingPoolThreadCountSuggestion = 1
  }
}
