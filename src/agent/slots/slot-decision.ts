import type { AgentState, SlotState } from '../agent-state.ts';
import { decideModel, type ModelDecision } from '../deployment/decision.ts';

/** What is to be done about one slot beside `main`. */
export type SlotDecision =
  | { readonly slot: string; readonly kind: 'remove' }
  | (ModelDecision & { readonly slot: string });

/**
 * What the slots that are remembered ask for: those that nobody wants go first, to make room. `all`: a new desired state
 * came; else only what was never begun, as after a power cut between two saves.
 */
export function decideSlots(state: AgentState, wallMs: number, all: boolean): SlotDecision[] {
  const slots = Object.entries(state.slots ?? {});
  const unwanted = slots.filter(([, { desired }]) => desired === undefined);
  const wanted = slots.filter(([, one]) => one.desired !== undefined && (all || !isBegun(one)));
  return [
    ...unwanted.map(([slot]) => ({ slot, kind: 'remove' as const })),
    ...wanted.map(([slot, one]) => ({ slot, ...decideSlot(one, state, wallMs) })),
  ];
}

function decideSlot(one: SlotState, { generation, quarantined }: AgentState, wallMs: number): ModelDecision {
  const { model, expiresAtMs } = one.desired ?? {};
  // What had begun in time goes on.
  return decideModel(
    { generation, model, expiresAtMs: isBegun(one) ? undefined : expiresAtMs },
    one,
    quarantined,
    wallMs,
  );
}

/** Its newest order has reached the deployment. */
function isBegun({ desired, deployment: { model } }: SlotState): boolean {
  return model?.digest === desired?.model.digest && model?.order === desired?.model.order;
}
