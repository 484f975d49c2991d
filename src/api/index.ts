/*
 * The HTTP API between a fleet and its users. The server adds handlers to its routes, the dashboard and the command line
 * call them; neither can drift from the other. A field that is optional is absent while it is not known.
 *
 * It builds on the protocol: what a device says (birth, reported state, drift, hard frames) is handed on as the device
 * said it, and a desired state is set as the device gets it. A second set of schemas for the same things could only be
 * wrong.
 */

/* The parts of the protocol that requests and answers are made of, for users of the API alone. */
export type {
  CameraRules,
  DeploymentState,
  DriftSignal,
  DriftStatus,
  HardFrame,
  LearnOrder,
  LoadedModel,
  PipelineSettings,
  ReportedSlot,
  Severity,
  SlotRole,
  SlotScope,
  VerdictKind,
  VersionPolicy,
} from '../protocol/index.ts';
export { agentSlot, controllerId, type MetricRow, mainSlot, metricNames } from '../protocol/index.ts';
export * from './access.ts';
export * from './access-scope-words.ts';
export * from './added-cameras.ts';
export * from './alert-address.ts';
export * from './alert-channels.ts';
export * from './alert-rules.ts';
export { conditionWords } from './alert-words.ts';
export * from './alerts.ts';
export * from './approvals.ts';
export * from './clips.ts';
export * from './controller-metrics.ts';
export * from './dataset-form-names.ts';
export * from './devices.ts';
export * from './drift.ts';
export * from './enrolment.ts';
export * from './errors.ts';
export * from './event-kinds.ts';
export * from './events.ts';
export { expectation } from './expectation.ts';
export * from './fleet.ts';
export * from './fleet-file.ts';
export * from './frames.ts';
export { lateMinutes, lookWords, trustWords } from './gate-look-words.ts';
export {
  type GateMetricName,
  type GateMetricRow,
  type GatePart,
  gateMetricNames,
  gateMetricTable,
  gatePartFields,
} from './gate-metrics.ts';
export * from './gate-results.ts';
export * from './group-members.ts';
export * from './groups.ts';
export {
  type HealthState,
  healthStateNames,
  type ProblemKind,
  problemKinds,
  unwellStates,
} from './health.ts';
export { HealthCounts } from './health-schemas.ts';
export * from './health-table.ts';
export * from './hold.ts';
export * from './labels.ts';
export { mayAct } from './may-act.ts';
export * from './metrics.ts';
export * from './models.ts';
export * from './operation.ts';
export { apiPrefix, methodOf, pathOf, queryText } from './path.ts';
export { patternWords } from './pattern-words.ts';
export * from './profile.ts';
export { type Reach, reachText } from './reach.ts';
export * from './remote.ts';
export * from './role.ts';
export * from './rollout-policy.ts';
export * from './rollout-words.ts';
export * from './rollouts.ts';
export type { BodyOf, Method, ParamsOf, QueryOf, ReplyOf, RouteSpec, RouteTable } from './route.ts';
export * from './routes.ts';
export { strict } from './scalars.ts';

export { AccessScope, Selector } from './selector.ts';
export * from './share.ts';
export * from './sign-in.ts';
export * from './sites.ts';
export * from './slot-words.ts';
export * from './slots.ts';
export * from './streams.ts';
export * from './targets.ts';
export * from './trust.ts';
