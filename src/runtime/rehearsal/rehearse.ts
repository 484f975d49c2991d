import { type Clock, describeError, type Log } from '../../base/index.ts';
import { admissionRecoveries } from './admission-recoveries.ts';
import { RehearsalFleet, type RehearsalOptions } from './fleet.ts';
import { keyRecoveries } from './key-recoveries.ts';
import { recoveryNames } from './names.ts';
import type { Recovery } from './recovery.ts';
import { serviceRecoveries } from './service-recoveries.ts';

/** All that docs/keys.md names, but for a stolen device, which `goshawk certificate revoke` undoes at once. */
export const recoveries: readonly Recovery[] = [
  ...keyRecoveries,
  ...admissionRecoveries,
  ...serviceRecoveries,
].sort((a, b) => recoveryNames.indexOf(a.name) - recoveryNames.indexOf(b.name));

export type Rehearsed = Omit<Recovery, 'rehearse'> & {
  readonly worked: boolean;
  /** From the owners' first command to the last device being right. */
  readonly seconds?: number;
  /** Where it did not work. */
  readonly why?: string;
};

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

export interface RehearseOptions extends RehearsalOptions {
  /** Names; all where it is empty. */
  readonly only?: readonly string[];
  readonly onDone?: (one: Rehearsed) => void;
  /** Another fleet than the usual one. */
  readonly open?: (options: RehearsalOptions, ports: Ports) => RehearsalFleet;
  /** Ends before the next one. */
  readonly signal?: AbortSignal;
}

/** Each in a fleet of its own: what one breaks is nothing to the next. */
export async function rehearse(
  {
    only = [],
    onDone,
    signal,
    open = (...given) => new RehearsalFleet(...given),
    ...options
  }: RehearseOptions,
  ports: Ports,
): Promise<readonly Rehearsed[]> {
  const done: Rehearsed[] = [];
  for (const recovery of recoveries) {
    signal?.throwIfAborted();
    if (only.length > 0 && !only.includes(recovery.name)) continue;
    const one = await rehearseOne(recovery, open(options, ports));
    done.push(one);
    onDone?.(one);
  }
  return done;
}

async function rehearseOne({ rehearse: run, ...about }: Recovery, fleet: RehearsalFleet): Promise<Rehearsed> {
  try {
    await fleet.start();
    const ms = await run(fleet);
    return { ...about, worked: true, seconds: Math.round(ms / 100) / 10 };
  } catch (error) {
    return { ...about, worked: false, why: describeError(error) };
  } finally {
    await fleet.close();
  }
}
