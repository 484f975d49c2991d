import type { JsonKey, RequestArguments, RouteReply } from '../../api/index.ts';
import { GoshawkError, MissingError } from '../../base/index.ts';
import { nearestName } from '../settings/nearest-name.ts';

/** Who asks the controller. */
export interface Caller {
  call<K extends JsonKey>(route: K, ...request: RequestArguments<K>): Promise<RouteReply<K>>;
}

const lists: Readonly<
  Record<string, { readonly param: string; names(client: Caller): Promise<readonly string[]> }>
> = {
  'device-unknown': {
    param: 'id',
    names: async (client) =>
      (await client.call('GET /devices', { query: { limit: 1000 } })).devices.map(({ id }) => id),
  },
  'group-unknown': {
    param: 'group',
    names: async (client) => (await client.call('GET /groups')).groups.map(({ name }) => name),
  },
  'rollout-unknown': {
    param: 'rollout',
    names: async (client) =>
      (await client.call('GET /rollouts', { query: { limit: 200 } })).rollouts.map(({ name }) => name),
  },
};

/** A refusal of an unknown name with the name that was probably meant; any other as it is. */
export async function withNearest(
  client: Caller,
  error: unknown,
  params: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  if (!(error instanceof GoshawkError)) return error;
  const { param, names } = lists[error.code] ?? {};
  const typed = param === undefined ? undefined : params[param];
  if (names === undefined || typeof typed !== 'string') return error;
  try {
    return new MissingError(error.code, error.message, meant(typed, await names(client), error.remedy));
  } catch {
    // The first answer counts: the second request was for a hint alone.
    return error;
  }
}

/** `Did you mean gate-7?` before the usual remedy. */
export function meant(typed: string, known: readonly string[], remedy: string): string {
  const near = nearestName(typed, known);
  return near === undefined ? remedy : `Did you mean ${near}? ${remedy}`;
}
