import type { Labels } from '../../api/index.ts';
import { call } from './client.ts';

/** Changes some labels of a device, and keeps the others as they are now. Rejects with a RequestError. */
export async function changeLabels(id: string, change: Labels): Promise<void> {
  const { devices } = await call('GET /labels');
  const known = devices.find(({ device }) => device === id)?.labels;
  await call('PUT /devices/:id/labels', { params: { id }, body: { ...known, ...change } });
}
