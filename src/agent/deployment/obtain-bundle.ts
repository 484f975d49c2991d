import {
  backoffMs,
  type Clock,
  describeError,
  InputError,
  type Log,
  RefusedError,
  sleep,
} from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';
import type { ModelStore } from '../ports.ts';
import type { TrustGate } from '../trust/ports.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { refuseIfSuperseded } from './superseded.ts';

export interface ObtainPorts {
  readonly store: ModelStore;
  readonly record: DeploymentRecord;
  readonly trust: TrustGate;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

const downloadBackoff = { firstMs: 1_000, maxMs: 60_000 };
const downloadAttempts = 8;

/** The first steps of a deployment: the bundle from the disk, else from the fleet, with every byte checked. */
export async function obtainBundle(
  model: DesiredModel,
  signal: AbortSignal,
  ports: ObtainPorts,
): Promise<Bundle> {
  const { store, record, trust, log } = ports;
  // After a restart too, in whatever state: the order is the same, and what is signed may not be.
  await persistently(() => trust.admit(model, signal), 'Signed metadata can not be had yet', signal, ports);
  if (record.deployment.state === 'fetching-metadata') await record.move('admitted');
  const there = await store.find(model.digest).catch((error: unknown) => {
    // A bundle on the disk that is damaged is fetched again.
    log.warn('A model on the disk can not be used', { reason: describeError(error) });
    return undefined;
  });
  if (there === undefined)
    await persistently(
      () => store.download(model, (done) => record.advance(done), signal),
      'A download failed and is tried again',
      signal,
      ports,
    );
  refuseIfSuperseded(signal);
  await record.move('downloaded');
  const bundle = there ?? (await store.verify(model.digest));
  refuseIfSuperseded(signal);
  await record.move('verified');
  return bundle;
}

async function persistently(
  work: () => Promise<void>,
  what: string,
  signal: AbortSignal,
  { clock, log, random }: ObtainPorts,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      // What the other side says will not change by asking again; a network may.
      const final = error instanceof InputError || error instanceof RefusedError;
      if (final || signal.aborted || attempt + 1 >= downloadAttempts) throw error;
      const waitMs = backoffMs(downloadBackoff, attempt, random);
      log.warn(what, { reason: describeError(error), waitMs });
      await sleep(clock, waitMs, signal);
      refuseIfSuperseded(signal);
    }
  }
}
