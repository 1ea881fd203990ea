extension FunctionDeclaration {
  private static let a = ValueType.parameter("A")
  private static let listA = ValueType.list(.parameter("A"))
  /// Types with an order, of which lists can be sorted.
  private static let ordered: [ValueType] = [.int, .uint, .double, .bool, .duration, .timestamp, .string, .bytes]

  /// What can be done with texts.
  static let strings: [FunctionDeclaration] = [
    .member("contains", ("contains_string", [.string, .string], .bool)),
    .member("startsWith", ("starts_with_string", [.string, .string], .bool)),
    .member("endsWith", ("ends_with_string", [.string, .string], .bool)),
    .global("matches", ("matches", [.string, .string], .bool)),
    .member("matches", ("matches_string", [.string, .string], .bool)),
    .member("charAt", ("string_char_at_int", [.string, .int], .string)),
    .member(
      "indexOf", ("string_index_of_string", [.string, .string], .int),
      ("string_index_of_string_int", [.string, .string, .int], .int)),
    .member(
      "lastIndexOf", ("string_last_index_of_string", [.string, .string], .int),
      ("string_last_index_of_string_int", [.string, .string, .int], .int)),
    .member("lowerAscii", ("string_lower_ascii", [.string], .string)),
    .member("upperAscii", ("string_upper_ascii", [.string], .string)),
    .member(
      "replace", ("string_replace_string_string", [.string, .string, .string], .string),
      ("string_replace_string_string_int", [.string, .string, .string, .int], .string)),
    .member(
      "split", ("string_split_string", [.string, .string], .list(.string)),
      ("string_split_string_int", [.string, .string, .int], .list(.string))),
    .member(
      "substring", ("string_substring_int", [.string, .int], .string),
      ("string_substring_int_int", [.string, .int, .int], .string)),
    .member("trim", ("string_trim", [.string], .string)),
    .member(
      "join", ("list_join", [.list(.string)], .string), ("list_join_string", [.list(.string), .string], .string)),
    .member("find", ("string_find_string", [.string, .string], .string)),
    .member(
      "findAll", ("string_find_all_string", [.string, .string], .list(.string)),
      ("string_find_all_string_int", [.string, .string, .int], .list(.string))),
    .global("strings.quote", ("strings_quote", [.string], .string)),
  ]

  /// What can be done with lists.
  static let lists: [FunctionDeclaration] =
    [
      .member("indexOf", ("list_a_index_of_int", [Self.listA, Self.a], .int)),
      .member("lastIndexOf", ("list_a_last_index_of_int", [Self.listA, Self.a], .int)),
      FunctionDeclaration(name: "isSorted", overloads: Self.members("isSorted", of: Self.ordered) { _ in .bool }),
      FunctionDeclaration(name: "min", overloads: Self.members("min", of: Self.ordered) { $0 }),
      FunctionDeclaration(name: "max", overloads: Self.members("max", of: Self.ordered) { $0 }),
      FunctionDeclaration(
        name: "sum", overloads: Self.members("sum", of: [.int, .uint, .double, .duration]) { $0 }),
      FunctionDeclaration(name: "sort", overloads: Self.members("sort", of: Self.ordered) { .list($0) }),
      .member("reverse", ("list_reverse", [Self.listA], Self.listA)),
      .member("distinct", ("list_distinct", [Self.listA], Self.listA)),
      .member("slice", ("list_slice", [Self.listA, .int, .int], Self.listA)),
      .member("flatten", ("list_flatten", [.list(Self.listA)], Self.listA)),
      .member("first", ("list_first", [Self.listA], .optional(Self.a))),
      .member("last", ("list_last", [Self.listA], .optional(Self.a))),
      .global("lists.range", ("lists_range", [.int], .list(.int))),
      .global("sets.contains", ("list_sets_contains_list", [Self.listA, Self.listA], .bool)),
      .global("sets.equivalent", ("list_sets_equivalent_list", [Self.listA, Self.listA], .bool)),
      .global("sets.intersects", ("list_sets_intersects_list", [Self.listA, Self.listA], .bool)),
    ]

  /// Quantities.
  static let extensions: [FunctionDeclaration] = [
    .global("quantity", ("string_to_quantity", [.string], .quantity)),
    .global("isQuantity", ("is_quantity_string", [.string], .bool)),
    .member("sign", ("quantity_sign", [.quantity], .int)),
    .member("isInteger", ("quantity_is_integer", [.quantity], .bool)),
    .member("asInteger", ("quantity_get_int", [.quantity], .int)),
    .member("asApproximateFloat", ("quantity_get_float", [.quantity], .double)),
    .member("isGreaterThan", ("quantity_is_greater_than", [.quantity, .quantity], .bool)),
    .member("isLessThan", ("quantity_is_less_than", [.quantity, .quantity], .bool)),
    .member("compareTo", ("quantity_compare_to", [.quantity, .quantity], .int)),
    .member(
      "add", ("quantity_add", [.quantity, .quantity], .quantity), ("quantity_add_int", [.quantity, .int], .quantity)),
    .member(
      "sub", ("quantity_sub", [.quantity, .quantity], .quantity), ("quantity_sub_int", [.quantity, .int], .quantity)),
  ]

  private static func members(
    _ name: String, of types: [ValueType], result: (ValueType) -> ValueType
  ) -> [Overload] {
    types.map { Overload(id: "list_\(name)", isMember: true, parameters: [.list($0)], result: result($0)) }
  }
}
