import KubernetesModel

extension FieldFault {
  var json: JSONValue {
    ["field": .string(self.field), "message": .string(self.message), "reason": .string(self.reason)]
  }
}
