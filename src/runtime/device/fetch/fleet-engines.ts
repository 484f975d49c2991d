import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { type DownloadIdentity, expectOfFleet, voucherOf } from '../../../adapters/oci/index.ts';
import { type PeerIdentity, pushEngine, type ServedFile, signOffer } from '../../../adapters/peers/index.ts';
import { defined, describeError, type Log, RefusedError } from '../../../base/index.ts';
import {
  type BuiltPlan,
  type Bundle,
  EngineManifest,
  type EngineOffer,
  encryptedPlan,
  isFetched,
} from '../../../model/index.ts';
import { syncFile } from '../../../platform/index.ts';
import type { EngineSource, FoundEngine } from './engine-sources.ts';

interface FleetEnginesPorts {
  readonly log: Log;
  readonly nowMs: () => number;
  /**
   * Whether the controller takes the certificate with this sha256 (hex) for one of its devices; undefined where nobody can say.
   * Rejects while the controller can't be asked.
   */
  readonly isGood: (fingerprint: string) => Promise<boolean | undefined>;
}

/** Plans of other devices of the same kind. Each is vouched for by a device of the fleet, and checked like one's own. */
export class FleetEngines {
  readonly #sources: readonly EngineSource[];
  readonly #identity: () => DownloadIdentity | undefined;
  readonly #ports: FleetEnginesPorts;

  /** `sources`: the nearest first. */
  constructor(
    sources: readonly EngineSource[],
    identity: () => DownloadIdentity | undefined,
    ports: FleetEnginesPorts,
  ) {
    this.#sources = sources;
    this.#identity = identity;
    this.#ports = ports;
  }

  /** The plan of the first source that has a good one, in its place; undefined where none has. */
  async fetch(
    key: string,
    planPath: string,
    bundle: Bundle,
    signal = new AbortController().signal,
  ): Promise<BuiltPlan | undefined> {
    for (const source of this.#sources) {
      if (this.#identity() === undefined) return undefined;
      try {
        for (const found of await source.find(key, bundle, signal)) {
          const taken = await this.#take(found, planPath, source.where, signal);
          if (taken !== undefined) return taken;
        }
      } catch (error) {
        if (signal.aborted) throw error;
        this.#refused(source.where, error);
      }
    }
    return undefined;
  }

  /** Undefined for one that is no good: the next may be. */
  async #take(
    { offer, pull }: FoundEngine,
    planPath: string,
    where: string,
    signal: AbortSignal,
  ): Promise<BuiltPlan | undefined> {
    const aside = `${planPath}.peer`;
    try {
      const voucher = expectOfFleet(offer, this.#identity()?.ca ?? '', this.#ports.nowMs());
      // A plan is code: a device that was stolen and revoked still has its certificate, and may be on this network.
      if ((await this.#ports.isGood(voucher)) === false) throw revoked(offer);
      await rm(aside, { force: true });
      await pull(aside, signal);
      await syncFile(aside);
      await rename(aside, planPath);
      this.#ports.log.info('An engine came from another device', { where, key: offer.key });
      const from = voucherOf(offer);
      return {
        ...{ buildMs: 0, peakMemoryBytes: offer.plan.peakMemoryBytes },
        ...defined({ from }),
      };
    } catch (error) {
      await rm(aside, { force: true });
      if (signal.aborted) throw error;
      this.#refused(where, error);
      return undefined;
    }
  }

  #refused(where: string, error: unknown): void {
    this.#ports.log.warn('An engine of another device is not taken', { where, reason: describeError(error) });
  }
}

function revoked(offer: EngineOffer): RefusedError {
  return new RefusedError(
    'engine-offer-revoked',
    `The engine that ${voucherOf(offer) ?? 'a peer'} vouches for is not taken: the controller does not know its certificate, or has revoked it.`,
    'The engine is built here. Look where that device is.',
  );
}

export interface GivenEnginesPorts {
  readonly own: ReturnType<typeof ownEngines>;
  /** Of the controller; undefined while it is not known. */
  readonly url: () => string | undefined;
  readonly identity: () => PeerIdentity | undefined;
  readonly registry: EngineSource;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** Gives plans that were built, checked and watched here to the registry of the fleet, where it has none of that kind. */
export class GivenEngines {
  readonly #ports: GivenEnginesPorts;
  readonly #tried = new Set<string>();

  constructor(ports: GivenEnginesPorts) {
    this.#ports = ports;
  }

  /** What fails is said in the log, and tried again after the next start. */
  async give(key: string, bundle: Bundle): Promise<void> {
    const { own, url, identity, registry, log } = this.#ports;
    const { signal } = new AbortController();
    if (this.#tried.has(key)) return;
    this.#tried.add(key);
    try {
      const [to, me, offer] = [url(), identity(), await own.offer(key)];
      if (to === undefined || me === undefined || offer === undefined) return;
      const { plan } = JSON.parse(offer) as { readonly plan: { readonly sha256: string } };
      const file = (await own.files()).get(`sha256:${plan.sha256}`);
      if (file === undefined) return;
      const found = await registry.find(key, bundle, signal);
      if (found.some((one) => this.#isGood(one.offer, me.ca))) return;
      await pushEngine(to, me, { bundle: bundle.digest, offer, ...file }, signal);
      log.info('An engine was given to the fleet', { key, bytes: file.size });
    } catch (error) {
      log.warn('An engine was not given to the fleet', { key, reason: describeError(error) });
    }
  }

  /** One that nobody could take does not keep this one away. */
  #isGood(offer: EngineOffer, ca: string): boolean {
    try {
      expectOfFleet(offer, ca, this.#ports.nowMs());
      return true;
    } catch {
      return false;
    }
  }
}

/** One of an encrypted model stays here; for one that was fetched, another device vouches. */
function givenAway({ state, plan, fingerprint }: EngineManifest): boolean {
  const encrypted = plan?.plain !== undefined || fingerprint.flags.includes(encryptedPlan);
  return state === 'ready' && plan?.proven === true && !isFetched(plan) && !encrypted;
}

/** What this device offers of its own: plans that were checked and watched here. `folder`: of the engine cache. */
export function ownEngines(folder: string, identity: () => PeerIdentity | undefined) {
  const manifestOf = async (key: string): Promise<EngineManifest | undefined> => {
    const text = await readFile(join(folder, `${key}.json`), 'utf8').catch(() => undefined);
    try {
      const json: unknown = JSON.parse(text ?? '');
      return Value.Check(EngineManifest, json) && givenAway(json) ? json : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    async offer(key: string): Promise<string | undefined> {
      const own = identity();
      const manifest = await manifestOf(key);
      if (own === undefined || manifest?.plan == null) return undefined;
      const { sha256, size, peakMemoryBytes } = manifest.plan;
      return JSON.stringify(signOffer({ key, plan: { sha256, size, peakMemoryBytes } }, own));
    },
    async files(): Promise<ReadonlyMap<string, ServedFile>> {
      const files = new Map<string, ServedFile>();
      for (const name of await readdir(folder).catch((): string[] => [])) {
        const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
        const plan = key === undefined ? undefined : (await manifestOf(key))?.plan;
        const path = join(folder, `${key}.plan`);
        const size = (await stat(path).catch(() => undefined))?.size;
        if (plan != null && size === plan.size) files.set(`sha256:${plan.sha256}`, { path, size });
      }
      return files;
    },
  };
}
