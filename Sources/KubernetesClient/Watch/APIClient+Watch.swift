import HTTPTransport
package import KubernetesModel

/// The events of one watch, in order.
///
/// It ends when the server ends it, mostly by the timeout that was asked for.
package struct WatchEvents<Resource: KubernetesResource>: AsyncSequence, Sendable {
  let body: ResponseBody

  package func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(chunks: self.body.makeAsyncIterator())
  }

  package struct AsyncIterator: AsyncIteratorProtocol {
    var chunks: ResponseBody.AsyncIterator
    var frames = LineFrames()

    package mutating func next() async throws -> WatchEvent<Resource>? {
      while true {
        do {
          if let frame = try self.frames.next() {
            return try JSONText(parsing: frame).decoded(as: WatchEvent<Resource>.self)
          }
        } catch let error as LineFrames.FrameTooLarge {
          throw APIError(.malformedAnswer, "a watch event is larger than \(error.limit) bytes")
        } catch {
          throw APIError(.malformedAnswer, "a watch event cannot be read: \(APIClient.describe(error))")
        }
        do {
          guard let chunk = try await self.chunks.next() else { return nil }
          self.frames.append(chunk)
        } catch let error as TransportError {
          throw APIError(.transport(error), "the watch broke: \(error.message)")
        }
      }
    }
  }
}

extension APIClient {
  /// Follows changes and hands them to `handle`.
  ///
  /// The watch ends when `handle` returns or the task is cancelled.
  ///
  /// - Parameters:
  ///   - options: `resourceVersion` says after which version to begin.
  ///   - timeoutSeconds: after this time the server ends the watch.
  ///   - idle: a connection that brings nothing, not even a bookmark, for so long counts as dead. Servers send
  ///     bookmarks about every minute.
  package func withWatch<Resource: KubernetesResource, Result: Sendable>(
    _ type: Resource.Type, namespace: String? = nil, options: ListOptions, timeoutSeconds: Int,
    idle: Duration = .seconds(150), _ handle: (WatchEvents<Resource>) async throws -> Result
  ) async throws -> Result {
    let request = ResourceRequest.watch(
      Resource.resourceType, namespace: namespace, options: options, timeoutSeconds: timeoutSeconds)
    let total = Duration.seconds(timeoutSeconds + 30)
    return try await self.stream(request, total: total, idle: min(idle, total)) { body in
      try await handle(WatchEvents(body: body))
    }
  }
}
