import type { Occurrence } from '../event-reporter.ts';
import type { AgentMemory } from '../agent-state.ts';

/** A step of a deployment as an event for the fleet. */
export function stepOccurrence(
  { state, model, reason }: AgentMemory['deployment'],
  generation: number,
): Occurrence {
  const name = model === undefined ? 'the model' : `${model.name} ${model.version}`;
  const bad = state === 'failed' || state === 'rolling-back';
  return {
    kind: `deployment.${state}`,
    severity: bad ? 'error' : 'info',
    message: `Deployment of ${name}: ${state}.${reason === undefined ? '' : ` ${reason}`}`,
    data: { generation, ...(model === undefined ? {} : { digest: model.digest }) },
  };
}
