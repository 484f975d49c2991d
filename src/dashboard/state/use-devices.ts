import { useMemo } from 'preact/hooks';
import type { DeviceListQuery } from '../../api/index.ts';
import { type ApiRequest, request } from '../api/client.ts';
import type { DeviceList, DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSelected, useValue } from '../observable/value.ts';
import { useSession } from './app.ts';

const most = 100;
/** Of a search. */
const longest = 64;

/** Nothing is asked for, as the page has every device. */
const nothing: ApiRequest<DeviceList> = {
  key: '',
  send: async () => ({ devices: [], total: 0 }),
};

/**
 * The devices that the page has, with those that the server finds while the others are on their way; the server is not asked
 * once all of them are there, nor where `query` is undefined.
 */
export function useDevices(query: DeviceListQuery | undefined): readonly DeviceSummary[] {
  const { fleet } = useSession();
  const state = useValue(fleet.state);
  const asks = state.phase === 'loading' && query !== undefined;
  const found = useAnswer(
    asks
      ? request('GET /devices', { query: { ...query, search: query.search?.slice(0, longest), limit: most } })
      : nothing,
  );
  const loaded = state.phase === 'failed' ? none : state.devices;
  const devices = found.data?.devices ?? none;
  return useMemo(() => {
    const ids = new Set(loaded.map(({ id }) => id));
    const others = asks ? devices.filter(({ id }) => !ids.has(id)) : none;
    return others.length === 0 ? loaded : [...loaded, ...others];
  }, [loaded, devices, asks]);
}

const none: readonly DeviceSummary[] = [];

/** How many devices there are, while not all of them have arrived; undefined once they have. */
export function useAwaited(): number | undefined {
  return useSelected(useSession().fleet.state, (state) =>
    state.phase === 'loading' ? (state.total ?? 0) : undefined,
  );
}
