export * from '../api/index.ts';
export { actorOf, type Caller, mayAct, type Secrets, TokenRegistry } from './access.ts';
export { type AlertRuleRow, originOf } from './alerts/rule.ts';
export type { WebhookMessage, Webhooks } from './alerts/webhook-dispatcher.ts';
export { AuditChecker, auditRoot, type HashText, sealAudit } from './audit.ts';
export type { DesiredStateService } from './desired/desired-state-service.ts';
export { type Artifacts, ModelRegistry, type StoredBundle } from './desired/model-registry.ts';
export type { DriftIncidentRow } from './drift/incident.ts';
export type { FleetUpdate } from './event-bus.ts';
export type { Latest } from './fleet/device.ts';
export { Device } from './fleet/device.ts';
export { Registry } from './fleet/registry.ts';
export {
  FleetController,
  type FleetControllerOptions,
  type FleetControllerPorts,
} from './fleet-controller.ts';
export { addHistogram, countAtMost, emptyHistogram, type Histogram, quantile } from './history/histogram.ts';
export {
  type Aggregate,
  addHistogramSample,
  addSample,
  emptyAggregate,
  mergeAggregate,
  SeriesBuilder,
  tierFor,
  tierSpanMs,
} from './history/rollup.ts';
export { type CocoDataset, cocoDataset, imageName } from './rpc/coco.ts';
export type { FrameRequests } from './rpc/frame-requests.ts';
export type { PreviewRequest, PreviewWatcher } from './rpc/preview-sessions.ts';
export {
  type AuditDraft,
  type CatalogueRow,
  type Change,
  type Commit,
  type CommitResult,
  type DeviceRow,
  defaultRetention,
  type EventRow,
  type LoadSince,
  type MetricRequest,
  type MetricResult,
  type MetricsRow,
  type Retention,
  type RetentionTier,
  type SeriesRow,
  type Store,
  type StoredDevice,
  type StoredFleet,
  type TokenRow,
} from './store.ts';
