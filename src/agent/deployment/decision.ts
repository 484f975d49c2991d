import type { Desired, DesiredModel } from '../../protocol/index.ts';
import type { AgentState } from '../agent-state.ts';
import { isSettled } from './table.ts';

/** What a desired state asks of this device now. */
export type Decision =
  | { readonly kind: 'ignore'; readonly why: string }
  /** Too late to begin; it is answered, so that the fleet knows. */
  | { readonly kind: 'expired'; readonly reason: string; readonly model?: DesiredModel }
  /** The model failed here before, and nobody has ordered it anew. */
  | { readonly kind: 'quarantined'; readonly model: DesiredModel; readonly reason: string }
  | {
      readonly kind: 'follow';
      /** The model to bring up. */
      readonly deploy?: DesiredModel;
      /** What serves, or is on its way, is what is wanted: only its order is another. */
      readonly confirm?: DesiredModel;
      /** A deployment under way must stop first. */
      readonly supersede: boolean;
    };

/** Decides, and does nothing. `wallMs` is used for the order's expiry alone. */
export function decideDesired(desired: Desired, state: AgentState, wallMs: number): Decision {
  if (desired.generation <= state.generation)
    return {
      kind: 'ignore',
      why: `generation ${desired.generation} is not above ${state.generation}, which is acted on`,
    };
  const { model, expiresAtMs } = desired;
  const { deployment, committed } = state;
  if (expiresAtMs !== undefined && wallMs >= expiresAtMs)
    return {
      kind: 'expired',
      ...(model === undefined ? {} : { model }),
      reason: `Generation ${desired.generation} expired before this device could begin with it. Order it again; if it should not have expired, check the clock of the device.`,
    };
  const underWay = !isSettled(deployment.state);
  if (model === undefined) return { kind: 'follow', supersede: false };
  const known = deployment.model?.digest === model.digest && deployment.model.order === model.order;
  const confirm = known ? {} : { confirm: model };
  if (underWay && deployment.model?.digest === model.digest)
    return { kind: 'follow', ...confirm, supersede: false };
  if (committed?.digest === model.digest) return { kind: 'follow', ...confirm, supersede: underWay };
  const bad = standingQuarantine(desired, state);
  if (bad !== undefined)
    return {
      kind: 'quarantined',
      model,
      reason: `${model.name} ${model.version} is quarantined on this device since generation ${bad.generation}: ${bad.reason} Mend the cause, then order the model anew for this device; another generation alone does not lift the quarantine.`,
    };
  return { kind: 'follow', deploy: model, supersede: underWay };
}

/**
 * Changed settings, or a controller whose database was restored, name a model that failed here in a generation of their
 * own. Only somebody who wants that model after it failed lifts its quarantine: by another order id, or, from a fleet
 * without such ids, by naming another model in between.
 */
function standingQuarantine({ model }: Desired, { quarantined, wanted }: AgentState) {
  const entry = quarantined.find(({ digest }) => digest === model?.digest);
  const order = model?.order;
  const anew = order === undefined ? wanted?.digest !== model?.digest : order !== entry?.order;
  return anew ? undefined : entry;
}
