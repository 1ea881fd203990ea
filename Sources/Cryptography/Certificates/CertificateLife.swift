package import FoundationEssentials

/// When certificates begin, and when they are made anew.
package enum CertificateLife {
  /// From a little earlier than `now`, as clocks differ, until `seconds` later.
  package static func validity(_ seconds: TimeInterval, from now: Date) -> ClosedRange<Date> {
    now.addingTimeInterval(-300)...now.addingTimeInterval(seconds)
  }

  /// Whether a certificate has begun, and no more than two thirds of its life have passed.
  package static func isFresh(_ notBefore: Date, _ notAfter: Date, now: Date) -> Bool {
    let life = notAfter.timeIntervalSince(notBefore)
    let age = now.timeIntervalSince(notBefore)
    return age >= 0 && age <= life * 2 / 3
  }
}

extension Certificate {
  /// Whether it has begun, and no more than two thirds of its life have passed.
  package func isFresh(at now: Date) -> Bool {
    CertificateLife.isFresh(self.notBefore, self.notAfter, now: now)
  }

  /// Whether it counts at a time.
  package func isValid(at now: Date) -> Bool { self.notBefore <= now && now <= self.notAfter }
}
