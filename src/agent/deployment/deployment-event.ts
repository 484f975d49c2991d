import type { AgentState } from '../agent-state.ts';
import type { AgentEvent } from '../event-reporter.ts';

/** A step of a deployment as an event for the fleet. */
export function deploymentEvent(
  { state, model, reason }: AgentState['deployment'],
  generation: number,
): AgentEvent {
  const name = model === undefined ? 'the model' : `${model.name} ${model.version}`;
  const bad = state === 'failed' || state === 'rolling-back';
  return {
    kind: `deployment.${state}`,
    severity: bad ? 'error' : 'info',
    message: `Deployment of ${name}: ${state}.${reason === undefined ? '' : ` ${reason}`}`,
    data: { generation, ...(model === undefined ? {} : { digest: model.digest }) },
  };
}
