package import CarrierSDK
import KubernetesModel
package import UmpireModel

extension Carrier_Dev_Sdk_GameServer {
  /// The Server as the SDK tells of it.
  ///
  /// Times are whole seconds since 1970, and 0 is none.
  package init(_ server: Server) {
    self.init()
    self.objectMeta = ObjectMeta(server.metadata)
    self.spec = Spec(server.spec)
    self.status = Status(server.status ?? ServerStatus())
  }
}

extension Carrier_Dev_Sdk_GameServer.ObjectMeta {
  init(_ metadata: KubernetesModel.ObjectMeta) {
    self.init()
    self.name = metadata.name ?? ""
    self.namespace = metadata.namespace ?? ""
    self.uid = metadata.uid ?? ""
    self.resourceVersion = metadata.resourceVersion ?? ""
    self.generation = metadata.generation ?? 0
    self.creationTimestamp = metadata.creationTimestamp?.secondsSinceEpoch ?? 0
    self.deletionTimestamp = metadata.deletionTimestamp?.secondsSinceEpoch ?? 0
    self.annotations = metadata.annotations ?? [:]
    self.labels = metadata.labels ?? [:]
  }
}

extension Carrier_Dev_Sdk_GameServer.Spec {
  init(_ spec: ServerSpec) {
    self.init()
    self.constraints = spec.constraints.map { constraint in
      var message = Constraint()
      message.type = constraint.type
      // What is not said is in effect.
      message.effective = constraint.effective ?? true
      message.message = constraint.message ?? ""
      message.timeAdded = constraint.timeAdded?.secondsSinceEpoch ?? 0
      return message
    }
    self.readinessGates = spec.readinessGates
    self.deletableGates = spec.effectiveDeletableGates
  }
}

extension Carrier_Dev_Sdk_GameServer.Status {
  init(_ status: ServerStatus) {
    self.init()
    self.state = status.state.rawValue
    self.address = status.address ?? ""
    self.nodeName = status.nodeName ?? ""
    self.conditions = status.conditions.map { condition in
      var message = GameServerCondition()
      message.type = condition.type
      message.status = condition.status.rawValue
      message.lastProbeTime = condition.lastProbeTime?.secondsSinceEpoch ?? 0
      message.lastTransitionTime = condition.lastTransitionTime?.secondsSinceEpoch ?? 0
      message.message = condition.message ?? ""
      return message
    }
  }
}
