import type { DesiredAnswer, DesiredSettings, DeviceDetail, GroupList } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import type { FleetClient } from './client.ts';

/** Reads the wishes of a device or a group, changes them and sends them back. */
export async function changeSettings(
  client: FleetClient,
  target: { readonly device?: string; readonly group?: string },
  edit: (settings: DesiredSettings) => DesiredSettings,
): Promise<DesiredAnswer> {
  if ((target.device === undefined) === (target.group === undefined)) {
    throw new InputError('target-missing', 'For whom?', 'Give either --device ID or --group NAME.');
  }
  if (target.device !== undefined) {
    const path = `/devices/${encodeURIComponent(target.device)}`;
    const { settings } = await client.get<DeviceDetail>(path);
    return client.send('PUT', `${path}/desired`, edit(settings));
  }
  const { groups } = await client.get<GroupList>('/groups');
  const settings = groups.find((group) => group.name === target.group)?.settings ?? {};
  return client.send('PUT', `/groups/${encodeURIComponent(target.group ?? '')}/desired`, edit(settings));
}
