import KubernetesModel

extension ResourceRegistry {
  /// Follows a change of a definition, in the order of the changes.
  func follow(_ event: StoreEvent) {
    guard event.object.key.resource == BuiltInResources.customResourceDefinitions else { return }
    // What cannot be read is not served; reading the object itself reports the damage.
    guard event.kind != .deleted, let object = try? event.object.decoded(),
      CustomResourceDefinition.isEstablished(object), var definition = CustomResourceDefinition.resource(of: object)
    else {
      self.remove(storeResource: event.object.key.name)
      return
    }
    definition.revision = event.object.revision
    definition.isTerminating = object.isTerminating
    self.add(definition)
  }
}
