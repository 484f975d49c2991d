export { actorOf, type Caller, mayAct, type Secrets, TokenBook } from './access.ts';
export type { WebhookMessage, Webhooks } from './alerts/webhook-dispatcher.ts';
export { type AlertRuleRow, originOf } from './alerts/rule.ts';
export * from '../api/index.ts';
export { AuditChecker, auditRoot, type HashText, sealAudit } from './audit.ts';
export type { DriftIncidentRow } from './drift/incident.ts';
export type { Latest } from './fleet/device.ts';
export { Device } from './fleet/device.ts';
export { Registry } from './fleet/registry.ts';
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
export type { OfficeNews } from './event-bus.ts';
export { Office, type OfficeOptions, type OfficePorts } from './fleet-controller.ts';
export { type Artifacts, ModelShelf, type StoredBundle } from './desired/model-registry.ts';
export type { Orders } from './desired/desired-state-service.ts';
export { type CocoDataset, cocoDataset, imageName } from './rpc/coco.ts';
export type { FrameDesk } from './rpc/frame-requests.ts';
export type { PreviewWatcher, PreviewWish } from './rpc/preview-sessions.ts';
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
