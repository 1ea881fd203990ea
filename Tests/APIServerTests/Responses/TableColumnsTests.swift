import KubernetesModel
import Testing

@testable import APIServer

struct TableColumnsTests {
  /// The cell of a column of a type.
  private func cell(_ value: JSONValue, type: String) throws -> JSONValue {
    let definition = try #require(
      CustomResourceDefinition.resource(of: APIObject(try Transcript.read("crd"))))
    var version = definition.storageVersion
    version.columns = [
      PrinterColumn(name: "Value", type: type, source: .path(try #require(ColumnPath(".spec.value"))))
    ]
    let columns = TableColumns(
      ServedResource(definition: definition, version: version), now: Timestamp(secondsSinceEpoch: 1_767_225_600))
    let object = APIObject(["metadata": ["name": "w"], "spec": ["value": value]])
    return columns.row(object, carrying: nil)["cells"]?[1] ?? nil
  }

  @Test(
    arguments: [
      (.integer(.max), .integer(.max)), (.double(2.9), 2), (.double(-2.9), -2), (.double(1e300), nil),
      (.double(9_223_372_036_854_775_808), nil), (.double(-9_223_372_036_854_775_808), .integer(.min)), ("x", nil),
    ] as [(JSONValue, JSONValue)])
  func anIntegerThatDoesNotFitIsNotShown(value: JSONValue, shown: JSONValue) throws {
    #expect(try self.cell(value, type: "integer") == shown)
  }
}
