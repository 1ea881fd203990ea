/// Handles that wait for another request of their shape.
struct IdleTransfers {
  private static let limit = 256
  private var transfers: [PreparedRequest.Shape: [Transfer]] = [:]
  private var count = 0

  /// Takes the handle of this shape that was used last.
  mutating func take(_ shape: PreparedRequest.Shape) -> Transfer? {
    guard let index = self.transfers.index(forKey: shape) else { return nil }
    let transfer = self.transfers.values[index].popLast()
    if transfer != nil { self.count -= 1 }
    if self.transfers.values[index].isEmpty { self.transfers.remove(at: index) }
    return transfer
  }

  /// Keeps a handle, or lets go of all of them when there are too many: shapes that nobody asks for any more leave.
  mutating func put(_ transfer: Transfer) {
    if self.count >= Self.limit {
      self.transfers = [:]
      self.count = 0
    }
    self.transfers[transfer.shape, default: []].append(transfer)
    self.count += 1
  }
}
