import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import {
  type DeviceRegistryClient,
  type DownloadIdentity,
  expectOfFleet,
} from '../../../adapters/downloads/index.ts';
import { type PeerIdentity, type ServedFile, signOffer } from '../../../adapters/peers/index.ts';
import { describeError, type Log } from '../../../base/index.ts';
import { type BuiltPlan, EngineManifest, encryptedPlan, parseOffer } from '../../../model/index.ts';
import { syncFile } from '../../../platform/index.ts';

const repository = 'engines';
const largestOffer = 64_000;

/** Plans of other devices of the same kind. Each is vouched for by a device of the fleet, and checked like one's own. */
export class PeerEngines {
  readonly #peers: readonly DeviceRegistryClient[];
  readonly #identity: () => DownloadIdentity | undefined;
  readonly #ports: { readonly log: Log; readonly nowMs: () => number };

  constructor(
    peers: readonly DeviceRegistryClient[],
    identity: () => DownloadIdentity | undefined,
    ports: { readonly log: Log; readonly nowMs: () => number },
  ) {
    this.#peers = peers;
    this.#identity = identity;
    this.#ports = ports;
  }

  /** The plan of the first peer that has a good one, in its place; undefined where none has. */
  async fetch(
    key: string,
    planPath: string,
    signal = new AbortController().signal,
  ): Promise<BuiltPlan | undefined> {
    const { log, nowMs } = this.#ports;
    const aside = `${planPath}.peer`;
    for (const peer of this.#peers) {
      const identity = this.#identity();
      if (identity === undefined) return undefined;
      try {
        const found = await peer.manifest(repository, key, 'application/json', largestOffer, signal);
        if (found === undefined) continue;
        const offer = parseOffer(JSON.parse(new TextDecoder().decode(found.bytes)), key);
        expectOfFleet(offer, identity.ca, nowMs());
        const { sha256, size, peakMemoryBytes } = offer.plan;
        await rm(aside, { force: true });
        await peer.pull(repository, { digest: `sha256:${sha256}`, size }, aside, { signal });
        await syncFile(aside);
        await rename(aside, planPath);
        log.info('An engine came from a peer', { peer: peer.url, key });
        return { buildMs: 0, peakMemoryBytes };
      } catch (error) {
        await rm(aside, { force: true });
        if (signal.aborted) throw error;
        log.warn('A peer gave no engine', { peer: peer.url, reason: describeError(error) });
      }
    }
    return undefined;
  }
}

/** One of an encrypted model stays here. */
function givenAway({ state, plan, fingerprint }: EngineManifest): boolean {
  const encrypted = plan?.plain !== undefined || fingerprint.flags.includes(encryptedPlan);
  return state === 'ready' && plan?.proven === true && !encrypted;
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
