import type { Alert, DescribeAnswer, DeviceDetail, DeviceDrift, FleetEvent } from '../../api/index.ts';
import { describeError } from '../../base/index.ts';
import type { FleetClient } from './client.ts';

/** Everything that the fleet knows of one device, and what the device says itself. */
export interface DeviceInspection {
  readonly detail: DeviceDetail;
  /** Those that fire. */
  readonly alerts: readonly Alert[];
  /** Newest first. */
  readonly events: readonly FleetEvent[];
  readonly drift: DeviceDrift;
  /** Asked of the device itself; absent where it is away or does not answer. */
  readonly own?: DescribeAnswer;
  /** Why `own` is absent. */
  readonly unanswered?: string;
}

const shownEvents = 20;

/** One question after the other: heavy ones at the same time are few for each token. */
export async function inspectDevice(
  client: Pick<FleetClient, 'call'>,
  id: string,
): Promise<DeviceInspection> {
  const params = { id };
  const detail = await client.call('GET /devices/:id', { params });
  const { alerts } = await client.call('GET /alerts', { query: { device: id, state: 'firing' } });
  const { events } = await client.call('GET /devices/:id/events', {
    params,
    query: { limit: shownEvents },
  });
  const drift = await client.call('GET /devices/:id/drift', { params });
  return { detail, alerts, events, drift, ...(await askDevice(client, detail)) };
}

async function askDevice(
  client: Pick<FleetClient, 'call'>,
  { summary: { id, online } }: DeviceDetail,
): Promise<Pick<DeviceInspection, 'own' | 'unanswered'>> {
  if (!online) return { unanswered: 'It is offline.' };
  try {
    return { own: await client.call('POST /devices/:id/describe', { params: { id } }) };
  } catch (error) {
    return { unanswered: describeError(error) };
  }
}
