import KubernetesModel
import UmpireModel

/// What a request is about, as far as the rules look at it.
struct AdmissionSubject: Sendable {
  /// The object as it would be.
  var object: UmpireObject
  /// The object as it is; nil for creations, and for what can no longer be read.
  var old: UmpireObject?

  /// Reads the objects of a request.
  ///
  /// - Returns: nil where there is nothing to judge: deletions, subresources, and other kinds.
  /// - Throws: what is wrong with the first field that cannot be read.
  init?(_ request: AdmissionRequest) throws(FieldFault) {
    guard let json = request.judgedObject, let object = try UmpireObject(json, kind: request.kind.kind) else {
      return nil
    }
    self.object = object
    guard request.operation == .update, let old = request.oldObject else { return }
    do throws(FieldFault) {
      self.old = try UmpireObject(old, kind: request.kind.kind)
    } catch {
      // What is no longer readable is mended by whatever is.
      self.old = nil
    }
  }

  /// The WebhookConfiguration that the object names.
  var configurationKey: ObjectKey? {
    self.object.webhookConfigurationName.map { ObjectKey(namespace: self.object.metadata.namespace, name: $0) }
  }

  /// Whether the object has begun to name its WebhookConfiguration with this request.
  var namesAnotherConfiguration: Bool { self.old?.webhookConfigurationName != self.object.webhookConfigurationName }
}

extension AdmissionRequest {
  /// The object, if it is a whole one of Umpire's that is written.
  var judgedObject: JSONValue? {
    guard self.operation == .create || self.operation == .update, self.subResource?.isEmpty ?? true,
      "\(self.kind.group)/\(self.kind.version)" == Umpire.apiVersion, UmpireObject.kinds.contains(self.kind.kind),
      let object = self.object, !object.isNull
    else { return nil }
    return object
  }

  /// Whether the object before had the very same fault, so that this request did not bring it.
  func isFormerFault(_ fault: FieldFault) -> Bool {
    guard self.operation == .update, let old = self.oldObject else { return false }
    do throws(FieldFault) {
      _ = try UmpireObject(old, kind: self.kind.kind)
      return false
    } catch {
      return error == fault
    }
  }
}
