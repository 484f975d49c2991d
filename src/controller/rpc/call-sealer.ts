import { type Clock, decodeUtf8, defined, encodeUtf8, toHex } from '../../base/index.ts';
import { callPayload, callType, type MetadataStore, signPayload } from '../../trust/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { TrustSetup } from '../fleet-options.ts';
import { VersionCounter } from '../trust/version-counter.ts';

export interface CallSealerPorts {
  readonly trust: Pick<TrustSetup, 'signer' | 'verifier' | 'store'>;
  /** Whether anything is signed in this fleet. */
  readonly fleet: { readonly signed: boolean };
  readonly registry: Pick<DeviceRegistry, 'get'>;
  readonly secrets: Pick<Secrets, 'randomBytes' | 'sha256' | 'equal'>;
  readonly clock: Clock;
}

export interface SealedCall {
  readonly id: string;
  readonly payload: Uint8Array;
}

/** Calls that belong together: a device that heard a later one follows none of an earlier run. */
interface Run {
  readonly number: number;
  readonly sinceMs: number;
  readonly sinceWallMs: number;
}

const keyFile = 'call-key';
/** The clocks part where the machine slept, and where somebody sets it. */
const mostApartMs = 30_000;
const mostRenewed = 100_000;

/**
 * Signs calls, so that a broker can neither make one nor keep one for later. Their time is counted from the beginning of a run
 * by a clock that can't be set: a device needs no clock that is right to know that a call is over.
 *
 * The ids have a tag that this controller alone can make, with a secret beside its key: who stole the key can sign a call, and
 * not one that this controller knows again.
 */
export class CallSealer {
  readonly #ports: CallSealerPorts;
  readonly #runs: VersionCounter;
  readonly #renewed = new Map<string, Run>();
  #run: Run | undefined;
  #secret = '';
  #number = 0;

  constructor(ports: CallSealerPorts) {
    this.#ports = ports;
    this.#runs = new VersionCounter(ports.trust.store, 'call-runs');
  }

  async load(): Promise<void> {
    const { clock, secrets, trust } = this.#ports;
    await this.#runs.open(clock.wallMs());
    this.#secret = await secretIn(trust.store, secrets);
  }

  /** Undefined where nothing is signed in this fleet: calls go as they are, as orders do. */
  seal(device: string, method: string, request: Uint8Array, forMs: number): SealedCall | undefined {
    const { registry, trust, clock, fleet } = this.#ports;
    if (!fleet.signed) return undefined;
    const run = this.#runOf(device);
    const name = `${run.number}.${this.#number++}`;
    const id = `${name}.${this.#tag(device, method, name)}`;
    const sentMs = Math.floor(clock.monotonicMs() - run.sinceMs);
    const call = {
      ...{ device, method, id, sentMs, expiresMs: Math.ceil(sentMs + forMs) },
      ...defined({ session: registry.get(device)?.birth?.session }),
      request: decodeUtf8(request),
    };
    return { id, payload: signPayload(callType, callPayload(call), trust.signer, trust.verifier) };
  }

  /**
   * The device says that a call of this time is over, and it is not: its clock and this one part. Of calls that fail together the
   * first begins the next run.
   */
  renew(device: string, askedMs: number): void {
    if (this.#runOf(device).sinceMs > askedMs) return;
    if (this.#renewed.size >= mostRenewed) this.#renewed.clear();
    this.#renewed.set(device, this.#begin());
  }

  /** Whether a call with this id was made here. */
  made(device: string, method: string, id: string): boolean {
    const { secrets } = this.#ports;
    const [, name, tag] = /^(\d{1,16}\.\d{1,16})\.([0-9a-f]{32})$/.exec(id) ?? [];
    if (name === undefined || tag === undefined) return false;
    return secrets.equal(encodeUtf8(this.#tag(device, method, name)), encodeUtf8(tag));
  }

  forgetDevice(device: string): void {
    this.#renewed.delete(device);
  }

  #runOf(device: string): Run {
    const { clock } = this.#ports;
    let run = this.#run;
    const wallPassedMs = clock.wallMs() - (run?.sinceWallMs ?? 0);
    const passedMs = clock.monotonicMs() - (run?.sinceMs ?? 0);
    if (run === undefined || Math.abs(wallPassedMs - passedMs) > mostApartMs) {
      run = this.#begin();
      this.#run = run;
      this.#renewed.clear();
    }
    return this.#renewed.get(device) ?? run;
  }

  #begin(): Run {
    const { clock } = this.#ports;
    const sinceWallMs = clock.wallMs();
    return { number: this.#runs.next(sinceWallMs), sinceMs: clock.monotonicMs(), sinceWallMs };
  }

  /** A keyed digest; nested, so that nobody can make it longer. */
  #tag(device: string, method: string, name: string): string {
    const { secrets } = this.#ports;
    const inner = toHex(secrets.sha256(JSON.stringify([this.#secret, device, method, name])));
    return toHex(secrets.sha256(`${this.#secret}.${inner}`)).slice(0, 32);
  }
}

async function secretIn(store: MetadataStore, secrets: Pick<Secrets, 'randomBytes'>): Promise<string> {
  const kept = await store.read(keyFile);
  if (kept !== undefined && kept.byteLength === 64) return decodeUtf8(kept);
  const made = toHex(secrets.randomBytes(32));
  await store.write(keyFile, encodeUtf8(made));
  return made;
}
