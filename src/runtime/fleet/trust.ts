import { stat } from 'node:fs/promises';
import type { TrustStatus } from '../../api/index.ts';
import type { FleetClient } from './client.ts';

/** Roots and targets that were signed offline, to the controller. */
export async function publishTrust(client: Pick<FleetClient, 'upload'>, file: string): Promise<TrustStatus> {
  const { size } = await stat(file);
  return client.upload('PUT /trust', undefined, file, size);
}

/** All that was published. */
export async function publishedTrust(client: Pick<FleetClient, 'raw'>): Promise<Uint8Array> {
  const response = await client.raw('GET /trust/published');
  return new Uint8Array(await response.arrayBuffer());
}
