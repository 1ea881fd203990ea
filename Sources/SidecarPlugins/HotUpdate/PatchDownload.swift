import Cryptography
import HTTPTransport
import HTTPTypes

/// A patch that lies in its place.
struct DownloadedPatch: Sendable, Hashable {
  /// The path of the file.
  var path: String
  var bytes: Int
  /// Lower case hexadecimal digits.
  var sha256: String
}

/// Brings patches into their folder.
struct PatchDownload: Sendable {
  let folder: UpdateFolder
  let transport: any ClientTransport
  /// For a whole download.
  let deadline: Duration
  let maximumBytes: Int
  /// Says whether a URL may be asked.
  let allows: @Sendable (WebAddress) -> Bool

  /// Downloads a patch; redirects are not followed, and nothing but an answer of 200 counts.
  ///
  /// - Throws: ``UpdateFault``; the folder is then as it was.
  func fetch(_ order: PatchOrder) async throws -> DownloadedPatch {
    guard self.allows(order.address) else {
      throw UpdateFault(.notDownloaded, "\(order.address.shown) is not below any of allowedURLPrefixes")
    }
    var request = TransportRequest(
      head: order.address.request(.get),
      limits: .init(
        connect: min(.seconds(10), self.deadline), total: self.deadline, responseBytes: self.maximumBytes))
    request.refusedRanges = NetworkRange.metadataServices
    do {
      return try await self.transport.withResponse(to: request) { try await self.take($0, order) }
    } catch let error as TransportError {
      throw UpdateFault(.notDownloaded, error.message)
    } catch let error as CryptographyError {
      throw UpdateFault(.notDownloaded, "\(error)")
    }
  }

  private func take(_ response: TransportResponse, _ order: PatchOrder) async throws -> DownloadedPatch {
    let status = response.head.status.code
    guard status == 200 else {
      let hint = (300..<400).contains(status) ? "; redirects are not followed" : ""
      throw UpdateFault(.notDownloaded, "the answer's status is \(status), not 200\(hint)")
    }
    let tooLarge = UpdateFault(.notDownloaded, "the file is larger than \(self.maximumBytes) bytes")
    if let text = response.head.headerFields[.contentLength], let length = Int(text), length > self.maximumBytes {
      throw tooLarge
    }
    var count = 0
    var hex = ""
    let path = try await self.folder.write(order.fileName) { file in
      var digest = try SHA256Digest()
      for try await chunk in response.body {
        count += chunk.count
        guard count <= self.maximumBytes else { throw tooLarge }
        try digest.update(chunk)
        try await file.append(chunk)
      }
      hex = Self.hexadecimal(try digest.finish())
      guard order.sha256 == nil || order.sha256 == hex else {
        throw UpdateFault(.notDownloaded, "the file's SHA-256 is \(hex), not \(order.sha256 ?? "")")
      }
    }
    return DownloadedPatch(path: path, bytes: count, sha256: hex)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
