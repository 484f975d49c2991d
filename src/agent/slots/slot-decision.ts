import { agentSlot, mainSlot } from '../../protocol/index.ts';
import type { AgentState, SlotRecord } from '../agent-state.ts';
import { decideModel, type ModelDecision } from '../deployment/decision.ts';

/** What is to be done about one slot. */
export type SlotDecision =
  | { readonly slot: string; readonly kind: 'remove' }
  | (ModelDecision & { readonly slot: string });

/**
 * What the slots that are remembered ask for: those that nobody wants go first, to make room. `main` and
 * the agent are always there: where the fleet says nothing of them, they keep what they run. `all`: a new desired state of this generation came; otherwise only
 * what was never begun, as after a power cut between two saves.
 */
export function decideSlots(
  { slots, quarantined }: AgentState,
  generation: number,
  wallMs: number,
  all: boolean,
): SlotDecision[] {
  const records = Object.entries(slots);
  const unwanted = records.filter(
    ([slot, { desired }]) => desired === undefined && slot !== mainSlot && slot !== agentSlot,
  );
  return [
    ...unwanted.map(([slot]) => ({ slot, kind: 'remove' as const })),
    ...records.flatMap(([slot, record]) => {
      const { desired } = record;
      if (desired === undefined || (!all && isAnswered(record))) return [];
      // A switch that began in time continues.
      const expiresAtMs = isOrder(record.begun, desired.model) ? undefined : desired.expiresAtMs;
      const wanted = { generation, model: desired.model, expiresAtMs };
      return [{ slot, ...decideModel(wanted, record, quarantined, wallMs) }];
    }),
  ];
}

/** Its newest order was begun, or refused. */
function isAnswered({ desired, begun, deployment }: SlotRecord): boolean {
  return desired === undefined || [begun, deployment.model].some((one) => isOrder(one, desired.model));
}

type Order = NonNullable<SlotRecord['begun']>;

function isOrder(a: Order | undefined, b: Order): boolean {
  return a?.digest === b.digest && a.order === b.order;
}
