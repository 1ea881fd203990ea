import CCurl
import HTTPTypes

/// The lines of a request's head behind the first, each ended by a zero, as libcurl reads them.
struct HeaderLines: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []
  /// Where each line begins.
  private(set) var starts: [Int] = []

  /// Creates lines from fields, with what keeps libcurl from adding any of its own.
  init(_ fields: HTTPFields) {
    self.bytes.reserveCapacity(512)
    self.starts.reserveCapacity(fields.count + 4)
    var (hasAccept, hasContentType) = (false, false)
    for field in fields {
      switch field.name {
      // libcurl computes the first two, and the third belongs to the connection.
      case .contentLength, .transferEncoding, .connection: continue
      case .accept: hasAccept = true
      case .contentType: hasContentType = true
      default: ()
      }
      field.withUnsafeBytesOfValue { value in
        // libcurl takes "Name:" as an order to leave the field out; "Name;" sends it empty.
        self.append(field.name.rawName, value.isEmpty ? ";" : ": ", value)
      }
    }
    let nothing = "".utf8
    self.append("Expect", ":", nothing)
    if !hasAccept { self.append("Accept", ":", nothing) }
    if !hasContentType { self.append("Content-Type", ":", nothing) }
  }

  /// Adds a line that is made of these parts.
  mutating func append(_ name: String, _ separator: String, _ value: some Collection<UInt8>) {
    self.starts.append(self.bytes.count)
    self.bytes.append(contentsOf: name.utf8)
    self.bytes.append(contentsOf: separator.utf8)
    self.bytes.append(contentsOf: value)
    self.bytes.append(0)
  }
}

/// The list that libcurl reads the lines of a request from, in memory that serves one request after another.
///
/// Never leaves the loop's thread.
struct HeaderList: ~Copyable {
  private var text: UnsafeMutableBufferPointer<CChar> = .allocate(capacity: 1024)
  private var nodes: UnsafeMutableBufferPointer<curl_slist> = .allocate(capacity: 16)

  deinit {
    self.text.deallocate()
    self.nodes.deallocate()
  }

  /// Replaces what the list holds.
  ///
  /// - Returns: the list, which is valid until the next change; nil if there are no lines.
  mutating func set(_ lines: HeaderLines) -> UnsafeMutablePointer<curl_slist>? {
    if self.text.count < lines.bytes.count {
      self.text.deallocate()
      self.text = .allocate(capacity: lines.bytes.count)
    }
    if self.nodes.count < lines.starts.count {
      self.nodes.deallocate()
      self.nodes = .allocate(capacity: lines.starts.count)
    }
    guard !lines.starts.isEmpty, let text = self.text.baseAddress, let nodes = self.nodes.baseAddress else {
      return nil
    }
    lines.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(self.text).copyMemory(from: $0) }
    for (index, start) in lines.starts.enumerated() {
      let next = index + 1 < lines.starts.count ? nodes + (index + 1) : nil
      (nodes + index).initialize(to: curl_slist(data: text + start, next: next))
    }
    return nodes
  }
}
