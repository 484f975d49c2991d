import type { JSX } from 'preact';
import { healthStates, mainSlot } from '../../api/index.ts';
import type { Deployment, DeviceSummary, Severity } from '../api/types.ts';
import type { CameraHealth } from './camera-health.ts';
import type { IconName } from './icons.tsx';
import { isBehind, whyIgnored } from './is-behind.ts';
import { Tag, type Tone } from './widgets.tsx';

/** The health of a device: online alone is not green while a camera sees nothing. */
export function StatusTag({ device }: { device: DeviceSummary }): JSX.Element {
  const { state, reasons } = device.health;
  if (!device.online)
    return (
      <Tag tone={healthStates.offline.tone} icon="offline" title={device.offlineReason}>
        {device.lastSeenMs === undefined ? 'Never seen' : healthStates.offline.words}
      </Tag>
    );
  const { tone, words } = healthStates[state];
  if (tone !== 'warning' && tone !== 'error') return <Tag tone={tone}>{words}</Tag>;
  return (
    <Tag tone={tone} icon={tone} title={reasons.join('\n')}>
      {words}
    </Tag>
  );
}

/** `Blind: frozen`. */
export function CameraHealthTag({ health }: { health: CameraHealth }): JSX.Element {
  const { state, tone, words, what } = health;
  const icon = state === 'offline' ? 'offline' : tone === 'error' || tone === 'warning' ? tone : undefined;
  return (
    <Tag tone={tone} icon={icon} title={what.join('\n')}>
      {words}
      {what[0] !== undefined && `: ${what[0]}`}
    </Tag>
  );
}

const deploymentTones: Record<Deployment['state'], readonly [Tone, string]> = {
  idle: ['idle', 'Idle'],
  'fetching-metadata': ['accent', 'Checking signatures'],
  downloading: ['accent', 'Downloading'],
  patching: ['accent', 'unpacking'],
  verifying: ['accent', 'Verifying'],
  decrypting: ['accent', 'decrypting'],
  preparing: ['accent', 'Preparing'],
  checking: ['accent', 'Checking'],
  ready: ['accent', 'Ready'],
  swapping: ['accent', 'Swapping'],
  probation: ['accent', 'On probation'],
  committed: ['ok', 'Committed'],
  'rolling-back': ['warning', 'Rolling back'],
  failed: ['error', 'Failed'],
};

export function deploymentWord(state: Deployment['state']): string {
  return deploymentTones[state][1];
}

/** The state of the deployment as the device reports it, or that it has not yet acted on a desired state. */
export function DeploymentTag({ device }: { device: DeviceSummary }): JSX.Element | null {
  if (isBehind(device)) {
    return (
      <Tag
        tone="warning"
        title={`Wanted: ${device.desiredGeneration}; reported: ${device.reportedGeneration ?? 'none'}`}
      >
        {device.online ? 'Order sent' : 'Order waits'}
      </Tag>
    );
  }
  const ignored = whyIgnored(device);
  if (ignored !== undefined)
    return (
      <Tag tone="error" icon="error" title={ignored}>
        Order not followed
      </Tag>
    );
  const deployment = device.slots[mainSlot]?.deployment;
  if (deployment === undefined || deployment.state === 'idle') return null;
  const [tone, word] = deploymentTones[deployment.state];
  // What an absent device last reported is not what it does now: no colour that says so.
  const shown = device.online ? tone : 'idle';
  const icon =
    deployment.state === 'committed' ? 'check' : deployment.state === 'failed' ? 'error' : undefined;
  return (
    <Tag tone={shown} icon={icon} title={deployment.reason}>
      {word}
    </Tag>
  );
}

const severities: Record<Severity, readonly [Tone, IconName, string]> = {
  info: ['idle', 'info', 'Info'],
  warning: ['warning', 'warning', 'Warning'],
  error: ['error', 'error', 'Error'],
  critical: ['error', 'error', 'Critical'],
};

export function SeverityTag({ severity }: { severity: Severity }): JSX.Element {
  const [tone, icon, word] = severities[severity];
  return (
    <Tag tone={tone} icon={icon}>
      {word}
    </Tag>
  );
}
