extension FunctionDeclaration {
  private static let a = ValueType.parameter("A")
  private static let b = ValueType.parameter("B")
  private static let numbers: [ValueType] = [.int, .uint, .double]

  /// The operators.
  static let operators: [FunctionDeclaration] =
    [
      .global(Operator.conditional, ("conditional", [.bool, Self.a, Self.a], Self.a)),
      .global(Operator.or, ("logical_or", [.bool, .bool], .bool)),
      .global(Operator.and, ("logical_and", [.bool, .bool], .bool)),
      .global(Operator.not, ("logical_not", [.bool], .bool)),
      .global(Operator.notStrictlyFalse, ("not_strictly_false", [.bool], .bool)),
      .global("_==_", ("equals", [Self.a, Self.a], .bool)),
      .global("_!=_", ("not_equals", [Self.a, Self.a], .bool)),
      .global(Operator.negate, ("negate_int64", [.int], .int), ("negate_double", [.double], .double)),
      .global(
        Operator.isIn, ("in_list", [Self.a, .list(Self.a)], .bool), ("in_map", [Self.a, .map(Self.a, Self.b)], .bool)),
      .global(
        Operator.index, ("index_list", [.list(Self.a), .int], Self.a),
        ("index_map", [.map(Self.a, Self.b), Self.a], Self.b),
        ("optional_index_list", [.optional(.list(Self.a)), .int], .optional(Self.a)),
        ("optional_index_map", [.optional(.map(Self.a, Self.b)), Self.a], .optional(Self.b))),
      .global(
        Operator.optionalIndex, ("list_optindex", [.list(Self.a), .int], .optional(Self.a)),
        ("map_optindex", [.map(Self.a, Self.b), Self.a], .optional(Self.b)),
        ("optional_list_optindex", [.optional(.list(Self.a)), .int], .optional(Self.a)),
        ("optional_map_optindex", [.optional(.map(Self.a, Self.b)), Self.a], .optional(Self.b))),
      .global(
        Operator.mapInsert,
        ("map_insert_key_value", [.map(Self.a, Self.b), Self.a, Self.b], .map(Self.a, Self.b))),
      .global(
        "_+_", ("add_bytes", [.bytes, .bytes], .bytes), ("add_double", [.double, .double], .double),
        ("add_duration_duration", [.duration, .duration], .duration),
        ("add_duration_timestamp", [.duration, .timestamp], .timestamp),
        ("add_timestamp_duration", [.timestamp, .duration], .timestamp), ("add_int64", [.int, .int], .int),
        ("add_list", [.list(Self.a), .list(Self.a)], .list(Self.a)), ("add_string", [.string, .string], .string),
        ("add_uint64", [.uint, .uint], .uint)),
      .global(
        "_-_", ("subtract_double", [.double, .double], .double),
        ("subtract_duration_duration", [.duration, .duration], .duration), ("subtract_int64", [.int, .int], .int),
        ("subtract_timestamp_duration", [.timestamp, .duration], .timestamp),
        ("subtract_timestamp_timestamp", [.timestamp, .timestamp], .duration),
        ("subtract_uint64", [.uint, .uint], .uint)),
      .global(
        "_*_", ("multiply_double", [.double, .double], .double), ("multiply_int64", [.int, .int], .int),
        ("multiply_uint64", [.uint, .uint], .uint)),
      .global(
        "_/_", ("divide_double", [.double, .double], .double), ("divide_int64", [.int, .int], .int),
        ("divide_uint64", [.uint, .uint], .uint)),
      .global("_%_", ("modulo_int64", [.int, .int], .int), ("modulo_uint64", [.uint, .uint], .uint)),
    ] + ["_<_", "_<=_", "_>_", "_>=_"].map(Self.comparison)

  /// A comparison; numbers of different types have one order.
  private static func comparison(_ name: String) -> FunctionDeclaration {
    var overloads: [Overload] = []
    for type in [ValueType.bool, .string, .bytes, .timestamp, .duration] {
      overloads.append(Overload(id: "compare_\(type)", isMember: false, parameters: [type, type], result: .bool))
    }
    for left in Self.numbers {
      for right in Self.numbers {
        overloads.append(Overload(id: "compare_number", isMember: false, parameters: [left, right], result: .bool))
      }
    }
    return FunctionDeclaration(name: name, overloads: overloads)
  }
}
