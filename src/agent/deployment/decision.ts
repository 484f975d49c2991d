import { canonicalJson } from '../../base/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';
import type { AgentState, SlotRecord } from '../agent-state.ts';
import { isSettled } from './table.ts';

/** What a model that is wanted in a slot asks of this device now. */
export type ModelDecision =
  /** Too late to begin; it is answered, so that the fleet knows. */
  | { readonly kind: 'expired'; readonly reason: string; readonly model: DesiredModel }
  /** The model failed here before, and was not ordered again. */
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

/** A model that is wanted in a slot. */
export interface WantedModel {
  readonly generation: number;
  readonly model: DesiredModel;
  readonly expiresAtMs?: number | undefined;
}

/** Decides by what is remembered of the slot, and does nothing. `wallMs` is used for the order's expiry alone. */
export function decideModel(
  wanted: WantedModel,
  record: SlotRecord,
  quarantined: AgentState['quarantined'],
  wallMs: number,
): ModelDecision {
  const { model, expiresAtMs, generation } = wanted;
  const { deployment, committed } = record;
  if (expiresAtMs !== undefined && wallMs >= expiresAtMs)
    return {
      kind: 'expired',
      model,
      reason: `Generation ${generation} expired before this device could begin with it. Order it again; if it should not have expired, check the clock of the device.`,
    };
  const underWay = !isSettled(deployment.state);
  const known = deployment.model !== undefined && isSameOrder(deployment.model, model);
  const confirm = known ? {} : { confirm: model };
  if (underWay && deployment.model?.digest === model.digest)
    return { kind: 'follow', ...confirm, supersede: false };
  if (committed?.digest === model.digest) return { kind: 'follow', ...confirm, supersede: underWay };
  const bad = standingQuarantine(model, record, quarantined);
  if (bad !== undefined)
    return {
      kind: 'quarantined',
      model,
      reason: `${model.name} ${model.version} is quarantined on this device since generation ${bad.generation}: ${bad.reason} Fix the cause, then order the model again for this device; a new generation alone does not lift the quarantine.`,
    };
  return { kind: 'follow', deploy: model, supersede: underWay };
}

/**
 * Changed settings, or a controller whose database was restored, name a model that failed here in a generation of their
 * own. Only somebody who wants that model after it failed lifts its quarantine: by another order id, or, from a fleet
 * without such ids, by naming another model in between.
 */
function standingQuarantine(
  { digest, order }: DesiredModel,
  { begun }: SlotRecord,
  quarantined: AgentState['quarantined'],
) {
  const entry = quarantined.find((one) => one.digest === digest);
  const anew = order === undefined ? begun?.digest !== digest : order !== entry?.order;
  return anew ? undefined : entry;
}

/** Only then what is told back is what was told. */
function isSameOrder(a: DesiredModel, b: DesiredModel): boolean {
  const policies = [a.policy, b.policy].map((policy) => canonicalJson(policy ?? null));
  const flags = [a, b].map(({ hold = false, overrideSafety = false }) => `${hold} ${overrideSafety}`);
  return a.digest === b.digest && a.order === b.order && policies[0] === policies[1] && flags[0] === flags[1];
}
