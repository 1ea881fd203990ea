import FoundationEssentials

/// Removes the volumes of Pods that went while no node was there to do it.
///
/// It must run before the node takes any Pod, and only by the one node that holds the folder.
package struct VolumeSweep: Sendable {
  /// The folder of the folders of all Pods.
  package let folder: String

  /// Creates a sweep.
  package init(folder: String) { self.folder = folder }

  /// Removes the folder of every Pod but those with one of these uids.
  ///
  /// What is not named as uids are is not the node's, and stays.
  ///
  /// - Returns: How many were removed.
  @discardableResult
  package func run(keeping uids: Set<String> = []) -> Int {
    // Without the folder there is nothing to remove.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: self.folder)) ?? []
    return names.filter { name in
      guard UUID(uuidString: name) != nil, !uids.contains(name) else { return false }
      // What cannot be removed is tried again by the next run.
      return (try? FileManager.default.removeItem(atPath: "\(self.folder)/\(name)")) != nil
    }.count
  }
}
