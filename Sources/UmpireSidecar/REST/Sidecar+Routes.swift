import HTTPTypes
package import Hummingbird
package import Observability
package import ServerSupport

extension Sidecar {
  /// The largest body of a request, in bytes.
  package static let bodyBytes = 64 << 10

  /// The routes that the game server and the controller talk to, to be served by an ``HTTPService``.
  ///
  /// Each flag is read by `GET` and `HEAD` and set by `POST`, as a JSON object with one boolean field. `/health`, `/livez`,
  /// `/readyz` and `/metrics` are open; they say nothing about the match.
  package func router(metrics: MetricsRegistry, access: SidecarAccess) -> Router<HTTPService.Context> {
    let router = HTTPService.router(
      methods: Dictionary(uniqueKeysWithValues: SidecarFlag.allCases.map { ($0.path, [.get, .head, .post]) }))
    router.get("livez") { _, _ in Response.text("ok\n") }
    router.get("readyz") { _, _ in
      _ = try self.requireValue(of: .deleteAllowed)
      return Response.text("ok\n")
    }
    router.addMetricsRoute(metrics)
    for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .options] {
      // Peers answer `/health` to every method, with nothing in it.
      router.on("health", method: method) { _, _ in Response(status: .ok) }
    }
    for flag in SidecarFlag.allCases {
      router.get(RouterPath(flag.path)) { request, context in
        try access.check(request.headers, from: context.peer)
        return Self.document(flag, try await self.value(of: flag, request, context))
      }
      router.post(RouterPath(flag.path)) { request, context in
        try access.check(request.headers, from: context.peer)
        let value = try FlagDocument.value(of: flag, in: try await request.bytes(upTo: Self.bodyBytes))
        do throws(SidecarError) {
          try await self.set(flag, to: value)
        } catch {
          throw Problem(.serviceUnavailable, error.message)
        }
        return Self.document(flag, value)
      }
    }
    return router
  }

  /// The value that a reader is to hear, which may be one that is still to come.
  private func value(of flag: SidecarFlag, _ request: Request, _ context: HTTPService.Context) async throws -> Bool {
    let value = try self.requireValue(of: flag)
    // HEAD tells no value, so there is nothing to wait for.
    guard let wait = try WaitQuery(request.uri.queryParameters), request.method == .get else { return value }
    return try await context.whileConnected {
      await self.value(of: flag, otherThan: wait.known ?? value, for: wait.limit)
    }
  }

  private func requireValue(of flag: SidecarFlag) throws -> Bool {
    guard let value = self.value(of: flag) else {
      throw Problem(.serviceUnavailable, "the Server has not been read from the API server yet")
    }
    return value
  }

  private static func document(_ flag: SidecarFlag, _ value: Bool) -> Response {
    .json(Array("{\"\(flag.field)\":\(value)}\n".utf8))
  }
}
