import { defined } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { SlotRecord } from '../agent-state.ts';
import type { AgentEvent } from '../event-reporter.ts';

/** A step of a deployment as an event for the fleet. */
export function deploymentEvent(
  { state, model, reason, outcome }: SlotRecord['deployment'],
  slot: string,
): AgentEvent {
  const name = model === undefined ? 'the model' : `${model.name} ${model.version}`;
  const bad = state === 'failed' || state === 'rolling-back';
  return {
    kind: `deployment.${state}`,
    severity: bad ? 'error' : outcome === 'unproven' ? 'warning' : 'info',
    message: `Deployment of ${name}${slot === mainSlot ? '' : ` in the slot ${slot}`}: ${state}.${reason === undefined ? '' : ` ${reason}`}`,
    data: { slot, ...defined({ digest: model?.digest, order: model?.order }) },
  };
}
