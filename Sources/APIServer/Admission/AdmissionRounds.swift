/// Which mutating webhooks are asked a second time: those that want to be, once others have changed the object.
///
/// There is no third time.
struct AdmissionRounds: Sendable, Hashable {
  /// Those that want to be asked again, and have been asked since the last change.
  private var upToDate: Set<Int> = []
  /// Those whose answer was about an object that has changed since.
  private(set) var due: Set<Int> = []

  /// Notes that a webhook has been asked.
  mutating func note(_ index: Int, changedObject: Bool, isReinvoked: Bool) {
    if changedObject {
      self.due.formUnion(self.upToDate)
      self.upToDate = []
    }
    if isReinvoked { self.upToDate.insert(index) }
  }
}
