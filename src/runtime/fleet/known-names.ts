import { MissingError } from '../../base/index.ts';
import type { FleetTarget } from './desired-settings.ts';
import { type Caller, meant } from './nearest-known.ts';

export interface TypedNames {
  readonly devices?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
}

/**
 * Checks names that were typed before anything is sent for them: an order for a group that does not exist would make the
 * group. An offline device is known. MissingErrors `device-unknown` and `group-unknown`, with the nearest name.
 */
export async function expectKnown(client: Caller, { devices = [], groups = [] }: TypedNames): Promise<void> {
  if (groups.length > 0) {
    const known = (await client.call('GET /groups')).groups.map(({ name }) => name);
    for (const name of groups) if (!known.includes(name)) throw groupUnknown(name, known);
  }
  for (const id of devices) await client.call('GET /devices/:id', { params: { id } });
}

/** Of the options `--device` and `--group`. */
export function typedNames({ device, group }: FleetTarget): TypedNames {
  return {
    devices: device === undefined ? [] : [device],
    groups: group === undefined ? [] : [group],
  };
}

export function groupUnknown(name: string, known: readonly string[]): MissingError {
  const list = 'List the groups: goshawk group list. Make one: goshawk group add NAME DEVICE...';
  return new MissingError('group-unknown', `There is no group ${name}.`, meant(name, known, list));
}

/** For a list of events that is empty. MissingError `event-kind-unknown` for what is neither a kind nor its beginning. */
export async function expectEventKind(kind: string | undefined): Promise<void> {
  if (kind === undefined) return;
  const { knownEventKinds } = await import('../../api/index.ts');
  if (knownEventKinds.some((known) => known === kind || known.startsWith(`${kind}.`))) return;
  const families = [...new Set(knownEventKinds.map((known) => known.split('.')[0] ?? ''))];
  const names = kind.includes('.') ? knownEventKinds : families;
  throw new MissingError(
    'event-kind-unknown',
    `There is no kind of event "${kind}".`,
    meant(kind, names, `Kinds begin with: ${families.join(', ')}.`),
  );
}
