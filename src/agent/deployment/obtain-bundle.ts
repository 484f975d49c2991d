import {
  BusyError,
  backoffMs,
  type Clock,
  describeError,
  InputError,
  type Log,
  RefusedError,
  sleep,
} from '../../base/index.ts';
import type { AnyManifest, Bundle, Manifest } from '../../model/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';
import type { ModelStore } from '../ports.ts';
import type { TrustGate } from '../trust/ports.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { refuseIfSuperseded } from './superseded.ts';
import type { Turn } from './turns.ts';

export interface ObtainPorts<M extends AnyManifest = Manifest> {
  readonly store: ModelStore<M>;
  readonly record: DeploymentRecord;
  /** Given up while it waits: for a network, a window, a busy server, a peer. */
  readonly turn: Turn;
  readonly trust: TrustGate;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

const downloadBackoff = { firstMs: 1_000, maxMs: 60_000 };
const downloadAttempts = 8;

/** The first steps of a deployment: the bundle from the disk, else from the fleet, with every byte checked. */
export async function obtainBundle<M extends AnyManifest>(
  model: DesiredModel,
  signal: AbortSignal,
  ports: ObtainPorts<M>,
): Promise<Bundle<M>> {
  const { store, record, trust, log } = ports;
  // After a restart too, in whatever state: the order is the same, and what is signed may not be.
  await persistently(() => trust.admit(model, signal), 'Signed metadata cannot be had yet', signal, ports);
  if (record.deployment.state === 'fetching-metadata') await record.move('admitted');
  const there = await store.find(model.digest).catch((error: unknown) => {
    // A bundle on the disk that is damaged is fetched again.
    log.warn('A model on the disk cannot be used', { reason: describeError(error) });
    return undefined;
  });
  refuseIfSuperseded(signal);
  if (there === undefined) await fetchBundle(model, signal, ports);
  else await record.move('downloaded');
  const bundle = there ?? (await store.verify(model.digest));
  refuseIfSuperseded(signal);
  if (bundle.sealed === undefined || store.decrypt === undefined) {
    await record.move('verified');
    return bundle;
  }
  await record.move('verified-sealed');
  await store.decrypt(bundle, (done) => record.advance(done), signal);
  refuseIfSuperseded(signal);
  await record.move('decrypted');
  return bundle;
}

/** Forms that are of no use are few; what never becomes usable must not go on for ever. */
const mostForms = 16;

/** Downloads, and unpacks what came packed; what was of no use is fetched in another form. */
async function fetchBundle<M extends AnyManifest>(
  model: DesiredModel,
  signal: AbortSignal,
  ports: ObtainPorts<M>,
): Promise<void> {
  const { store, record, log, turn } = ports;
  const pause: Turn['pause'] = (wait) => turn.pause(wait);
  for (let tried = 1; ; tried++) {
    await persistently(
      () => store.download(model, (done) => record.advance(done), signal, pause),
      'A download failed and is tried again',
      signal,
      ports,
    );
    refuseIfSuperseded(signal);
    if (store.unpack === undefined || store.packed?.(model.digest) !== true) {
      await record.move('downloaded');
      return;
    }
    await record.move('downloaded-packed');
    try {
      await store.unpack(model.digest, (done) => record.advance(done), signal);
      refuseIfSuperseded(signal);
      await record.move('unpacked');
      return;
    } catch (error) {
      if (!(error instanceof InputError) || error.code !== 'transfer-unusable' || tried >= mostForms)
        throw error;
      refuseIfSuperseded(signal);
      log.warn('A model is fetched in another form', { reason: describeError(error) });
      await record.move('unusable');
    }
  }
}

async function persistently(
  work: () => Promise<void>,
  what: string,
  signal: AbortSignal,
  { clock, log, random, turn }: Pick<ObtainPorts, 'clock' | 'log' | 'random' | 'turn'>,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      // What the other side says will not change by asking again; a network may.
      const final = error instanceof InputError || error instanceof RefusedError;
      if (final || signal.aborted || attempt + 1 >= downloadAttempts) throw error;
      const ownMs = backoffMs(downloadBackoff, attempt, random);
      // What a busy server asks for, and a part of it more: others were told the same.
      const askedMs = error instanceof BusyError ? (error.retryAfterMs ?? 0) * (1 + random() / 2) : 0;
      const waitMs = Math.max(ownMs, askedMs);
      log.warn(what, { reason: describeError(error), waitMs });
      await turn.pause(() => sleep(clock, waitMs, signal));
      refuseIfSuperseded(signal);
    }
  }
}
