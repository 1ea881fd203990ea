package import FoundationEssentials
package import Logging

/// Writes each event as one line: JSON for machines, or plain text for a terminal.
package struct LineLogHandler: LogHandler {
  /// How a line looks.
  package enum Format: String, Sendable, CaseIterable {
    /// One JSON object with `time`, `level`, `label`, `message`, and `error` and `metadata` if there are any.
    case json
    /// `12:34:56.789 info label: message key=value`.
    case plain
  }

  /// The lowest level that is written.
  package var logLevel: Logger.Level
  /// What is added to every event.
  package var metadata: Logger.Metadata = [:]
  /// Adds what is known from the task.
  package var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let format: Format
  private let output: LogOutput
  private let now: @Sendable () -> Date

  /// Creates a handler for the logger named `label`.
  package init(
    label: String, format: Format, level: Logger.Level = .info, output: LogOutput = .standardError,
    now: @escaping @Sendable () -> Date = { Date.now }
  ) {
    self.label = label
    self.format = format
    self.logLevel = level
    self.output = output
    self.now = now
  }

  /// One entry of the metadata.
  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { self.metadata[key] }
    set { self.metadata[key] = newValue }
  }

  /// Writes an event.
  package func log(event: LogEvent) {
    var metadata = self.metadata
    if let provided = self.metadataProvider?.get() { metadata.merge(provided) { $1 } }
    if let own = event.metadata { metadata.merge(own) { $1 } }
    let line = LogLine(
      time: self.now(), level: event.level, label: self.label, message: event.message.description,
      error: event.error.map { "\($0)" }, metadata: metadata)
    switch self.format {
    case .json: self.output(line.json + "\n")
    case .plain: self.output(line.plain + "\n")
    }
  }
}

/// Sets up logging of the whole process.
package enum Logs {
  /// Makes every logger write to standard error.
  ///
  /// - Parameters:
  ///   - level: The lowest level that is written.
  ///   - format: How lines look; nil for plain on a terminal and JSON elsewhere.
  package static func bootstrap(level: Logger.Level = .info, format: LineLogHandler.Format? = nil) {
    let format = format ?? (Terminal.isStandardError ? .plain : .json)
    LoggingSystem.bootstrap(
      { label, provider in
        var handler = LineLogHandler(label: label, format: format, level: level)
        handler.metadataProvider = provider
        return handler
      }, metadataProvider: nil)
  }
}
