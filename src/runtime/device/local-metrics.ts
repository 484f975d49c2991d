import type { MetricsServer } from '../../adapters/prometheus/index.ts';
import type { DeviceAgent } from '../../agent/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { goshawkVersion } from '../version.ts';

/** A port that is taken costs the device its local metrics, not its work. */
export async function serveLocalMetrics(
  settings: AgentSettings['prometheus'],
  agent: Pick<DeviceAgent, 'readings'>,
  log: Log,
): Promise<MetricsServer | undefined> {
  if (settings === undefined) return undefined;
  const { serveMetrics } = await import('../../adapters/prometheus/index.ts');
  try {
    const server = await serveMetrics({
      ...settings,
      version: goshawkVersion(),
      readings: () => agent.readings(),
    });
    log.info('Metrics for Prometheus', { url: server.url });
    return server;
  } catch (error) {
    log.error(describeError(error));
    return undefined;
  }
}
