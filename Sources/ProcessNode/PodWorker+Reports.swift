import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

extension PodWorker {
  /// Something that the API server must be told.
  private enum Report: Sendable {
    case status(JSONValue)
    case removal
  }

  /// Tells the API server what has changed, until the task is cancelled.
  func reportAll() async {
    var pause = Duration.milliseconds(100)
    for await _ in self.reports {
      while !Task.isCancelled, let report = self.nextReport() {
        do {
          try await self.send(report)
          pause = .milliseconds(100)
        } catch {
          if Task.isCancelled { return }
          self.logger.info("cannot report the Pod's state, trying again", metadata: ["error": "\(error)"])
          guard (try? await Task.sleep(for: pause)) != nil else { return }  // Cancelled: nothing more is written.
          pause = min(pause * 2, .seconds(5))
        }
      }
    }
  }

  private func nextReport() -> Report? {
    self.state.withLock { state in
      guard !state.life.isGone, !state.isUnknown else { return nil }
      if !state.life.wasOverBefore {
        let pod = state.life.pod
        let status = PodStatusBuilder.status(of: state.life, now: self.context.clock.now.timestamp).json
        // What the server made of the last write is as close as it gets; writing it again would change nothing.
        let isWritten = state.written == State.Written(status: status, version: pod.metadata.resourceVersion)
        if status != pod.status?.json, !isWritten { return .status(status) }
      }
      return state.life.mustBeRemoved && !state.isRemovalSent ? .removal : nil
    }
  }

  private func send(_ report: Report) async throws {
    switch report {
    case .status(let status):
      try await self.write(status)
    case .removal:
      try await self.context.client.delete(
        Pod.self, self.key, options: DeleteOptions(uid: self.uid, gracePeriodSeconds: 0))
      self.state.withLock { $0.isRemovalSent = true }
    }
  }

  /// Writes a status on top of the version that it was made from, so that nobody's conditions are lost.
  private func write(_ status: JSONValue) async throws {
    let version = self.state.withLock { $0.life.pod.metadata.resourceVersion }
    var patch: JSONValue = [:]
    patch["metadata"] = version.map { ["resourceVersion": .string($0)] }
    patch["status"] = status
    do {
      let pod = try await self.context.client.patch(Pod.self, self.key, subresource: .status, patch)
      self.state.withLock { state in
        state.written = State.Written(status: status, version: pod.metadata.resourceVersion)
        state.observe(pod)
      }
    } catch let error as APIError where error.isConflict || error.isNotFound {
      // Somebody else wrote meanwhile: the status is made again from what is there now.
      guard let pod = try await self.context.client.find(Pod.self, self.key), pod.metadata.uid == self.uid else {
        // The watch will tell the same, and only that ends the worker: it must not be begun anew from an old view.
        self.state.withLock { $0.isUnknown = true }
        return
      }
      self.observe(pod)
    }
  }
}

extension PodStatus {
  /// The status as the API server keeps it, with times of whole seconds; null if it cannot be encoded.
  fileprivate var json: JSONValue {
    // Every field is a string, a number or a truth value, so encoding does not fail.
    (try? JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(self))) ?? .null
  }
}
