import type { DeviceAgentOptions } from '../../agent/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { goshawkVersion } from '../version.ts';
import { targetFps } from './cameras.ts';
import type { DeviceMembership } from './membership.ts';

/** How long the broker waits before it tells the fleet that we are gone; a short drop does not flap. */
const willDelaySeconds = 5;

export function agentOptions(
  settings: AgentSettings & { readonly device: string },
  membership: Pick<DeviceMembership, 'groups'>,
): DeviceAgentOptions {
  const { device, metricsEverySeconds, outboxBytes, probationSeconds } = settings;
  return {
    ...{ device, metricsEverySeconds, outboxBytes, probationSeconds },
    withdrawals: settings.trust,
    groups: () => membership.groups,
    agentVersion: goshawkVersion(),
    willDelaySeconds,
    targetFps: targetFps(settings.cameras),
  };
}
