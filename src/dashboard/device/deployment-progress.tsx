import type { JSX } from 'preact';
import { mainSlot } from '../../api/index.ts';
import type { Deployment, DeviceSummary } from '../api/types.ts';
import { Icon } from '../ui/icons.tsx';
import { isBehind, whyIgnored } from '../ui/is-behind.ts';
import { deploymentWord } from '../ui/status.tsx';

/** The way of a new model on the device, in order; contracts of the deployment's life. */
const steps = [
  'downloading',
  'patching',
  'verifying',
  'decrypting',
  'preparing',
  'checking',
  'ready',
  'swapping',
  'probation',
  'committed',
] as const;

const explanations: Partial<Record<Deployment['state'], string>> = {
  'fetching-metadata':
    'The device downloads the signatures of its owner and controller. The old model keeps serving.',
  downloading: 'The device downloads the bundle. The old model keeps serving.',
  patching: 'Compressed files and differences are unpacked.',
  verifying: 'Digests of all files are compared with the manifest.',
  decrypting: 'The encrypted model is decrypted in memory with the key of this device.',
  preparing: 'The engine is built or downloaded and warmed up while the old model serves.',
  checking: 'The golden set and the budgets of the bundle are run on this device.',
  ready: 'The new model is loaded and waits for the switch.',
  swapping: 'The models switch between two frames; no frame is lost.',
  probation: 'The new model serves on probation. If it does badly, the device rolls back automatically.',
  committed: 'The new model is in service.',
  'rolling-back': 'The device returns to the last good model.',
  failed: 'The deployment failed; the last good model serves.',
};

export type StepState = 'done' | 'now' | 'ahead' | 'failed';

/** How far a deployment is; `waiting` while the device has not acted on the desired state. */
function stepStates(state: Deployment['state'], waiting: boolean): StepState[] {
  if (waiting) return steps.map(() => 'ahead');
  if (state === 'failed' || state === 'rolling-back') return steps.map(() => 'failed');
  const at = (steps as readonly string[]).indexOf(state);
  return steps.map((_, index) => {
    if (index < at || state === 'committed') return 'done';
    return index === at ? 'now' : 'ahead';
  });
}

export function DeploymentProgress({ device }: { device: DeviceSummary }): JSX.Element | null {
  const deployment = device.slots[mainSlot]?.deployment;
  const waiting = isBehind(device);
  if (!waiting && (deployment === undefined || deployment.state === 'idle')) return null;
  // Of a device that is away only open business is worth a word: what it served then it may not serve now.
  if (!waiting && !device.online && deployment?.state === 'committed') return null;
  const ignored = waiting ? undefined : whyIgnored(device);
  if (ignored !== undefined)
    return (
      <div class="deployment deployment-failed" data-deployment="ignored">
        <p class="deployment-head" role="status">
          <Icon name="error" />
          <b>Order not followed</b>
          <span>{ignored}</span>
        </p>
      </div>
    );
  const state = deployment?.state ?? 'idle';
  const states = stepStates(state, waiting);
  const failed = !waiting && (state === 'failed' || state === 'rolling-back');
  const text = waiting
    ? device.online
      ? 'The order is on its way to the device.'
      : 'The order waits at the broker until the device is back online.'
    : (explanations[state] ?? '');
  return (
    <div
      class={`deployment deployment-${waiting ? 'waiting' : state}`}
      data-deployment={waiting ? 'waiting' : state}
    >
      <p class="deployment-head" role="status">
        <Icon name={failed ? 'error' : state === 'committed' && !waiting ? 'check' : 'swap'} />
        <b>{waiting ? 'Waiting for the device' : deploymentWord(state)}</b>
        <span>{text}</span>
      </p>
      {!failed && (waiting || state !== 'committed') && (
        <ol class="steps">
          {steps.map((step, index) => (
            <li
              key={step}
              class={`step step-${states[index]}`}
              aria-current={states[index] === 'now' ? 'step' : undefined}
            >
              <span class="step-mark" aria-hidden="true" />
              {deploymentWord(step)}
            </li>
          ))}
        </ol>
      )}
      {!waiting && deployment?.reason && <p class="deployment-reason">{deployment.reason}</p>}
    </div>
  );
}
