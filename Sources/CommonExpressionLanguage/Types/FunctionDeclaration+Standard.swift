extension FunctionDeclaration {
  private static let a = ValueType.parameter("A")
  private static let b = ValueType.parameter("B")
  private static let optionalA = ValueType.optional(.parameter("A"))

  /// Sizes, types, and conversions between them.
  static let standard: [FunctionDeclaration] = [
    .global(
      "size", ("size_bytes", [.bytes], .int), ("size_list", [.list(Self.a)], .int),
      ("size_map", [.map(Self.a, Self.b)], .int), ("size_string", [.string], .int)),
    .member(
      "size", ("size_bytes", [.bytes], .int), ("size_list", [.list(Self.a)], .int),
      ("size_map", [.map(Self.a, Self.b)], .int), ("size_string", [.string], .int)),
    .global("type", ("type", [Self.a], .type(Self.a))),
    .global("dyn", ("to_dyn", [Self.a], .dyn)),
    .global("bool", ("bool_to_bool", [.bool], .bool), ("string_to_bool", [.string], .bool)),
    .global("bytes", ("bytes_to_bytes", [.bytes], .bytes), ("string_to_bytes", [.string], .bytes)),
    .global(
      "double", ("double_to_double", [.double], .double), ("int64_to_double", [.int], .double),
      ("string_to_double", [.string], .double), ("uint64_to_double", [.uint], .double)),
    .global(
      "duration", ("duration_to_duration", [.duration], .duration), ("int64_to_duration", [.int], .duration),
      ("string_to_duration", [.string], .duration)),
    .global(
      "int", ("int64_to_int64", [.int], .int), ("double_to_int64", [.double], .int),
      ("duration_to_int64", [.duration], .int), ("string_to_int64", [.string], .int),
      ("timestamp_to_int64", [.timestamp], .int), ("uint64_to_int64", [.uint], .int)),
    .global(
      "string", ("string_to_string", [.string], .string), ("bool_to_string", [.bool], .string),
      ("bytes_to_string", [.bytes], .string), ("double_to_string", [.double], .string),
      ("duration_to_string", [.duration], .string), ("int64_to_string", [.int], .string),
      ("timestamp_to_string", [.timestamp], .string), ("uint64_to_string", [.uint], .string)),
    .global(
      "timestamp", ("timestamp_to_timestamp", [.timestamp], .timestamp), ("int64_to_timestamp", [.int], .timestamp),
      ("string_to_timestamp", [.string], .timestamp)),
    .global(
      "uint", ("uint64_to_uint64", [.uint], .uint), ("double_to_uint64", [.double], .uint),
      ("int64_to_uint64", [.int], .uint), ("string_to_uint64", [.string], .uint)),
    .global("optional.of", ("optional_of", [Self.a], Self.optionalA)),
    .global("optional.ofNonZeroValue", ("optional_ofNonZeroValue", [Self.a], Self.optionalA)),
    .global("optional.none", ("optional_none", [], Self.optionalA)),
    .member("hasValue", ("optional_hasValue", [Self.optionalA], .bool)),
    .member("value", ("optional_value", [Self.optionalA], Self.a)),
    .member("or", ("optional_or_optional", [Self.optionalA, Self.optionalA], Self.optionalA)),
    .member("orValue", ("optional_orValue_value", [Self.optionalA, Self.a], Self.a)),
  ]

  /// The parts of times and spans.
  static let time: [FunctionDeclaration] =
    ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"].map { name in
      .member(name, ("\(name)_timestamp", [.timestamp], .int), ("\(name)_zone", [.timestamp, .string], .int))
    }
    + ["getHours", "getMinutes", "getSeconds", "getMilliseconds"].map { name in
      .member(
        name, ("\(name)_timestamp", [.timestamp], .int), ("\(name)_zone", [.timestamp, .string], .int),
        ("\(name)_duration", [.duration], .int))
    }
}
