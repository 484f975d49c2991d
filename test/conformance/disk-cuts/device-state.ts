import { join } from 'node:path';
import { FilesystemModelStore, MetadataFolder } from '../../../src/adapters/filesystem/index.ts';
import { SqliteOutboxStore } from '../../../src/adapters/outbox/index.ts';
import { AgentStateFile } from '../../../src/adapters/system/index.ts';
import { formatManifest } from '../../../src/model/index.ts';
import { digestOf } from '../../../src/platform/index.ts';
import type { DesiredModel } from '../../../src/protocol/index.ts';
import type { StoredEntry } from '../../../src/telemetry/index.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { rotated } from '../../fixtures/trust-rotation.ts';
import { beganMs, never, newSigner, type TrustWorld } from '../../fixtures/trust-world.ts';

/** What a device has on its disk: signed metadata, models, the agent's memory, and the outbox. */
export function stateIn(folder: string) {
  const trust = join(folder, 'trust');
  return {
    disk: {
      image: new MetadataFolder(join(trust, 'image')),
      director: new MetadataFolder(join(trust, 'director')),
      ledger: new MetadataFolder(trust),
    } as never,
    models: new FilesystemModelStore(join(folder, 'models')),
    memory: new AgentStateFile(join(folder, 'memory.json')),
    outbox: new SqliteOutboxStore({
      folder: join(folder, 'outbox'),
      maxFileBytes: 1e7,
      nowMs: () => beganMs,
    }),
  };
}

/** A bundle of 200 kB. */
export function bundleOf(version: string) {
  const network = Buffer.alloc(200_000, version);
  const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
  const manifest = tinyManifest({ name: 'street', version, variants: [{ kind: 'fp32', file }] });
  const text = formatManifest(manifest);
  const model: DesiredModel = { name: 'street', version, digest: digestOf(text) };
  return { model, text, contents: new Map([['fp32.onnx', network]]) };
}

/** What the device had promised when something was done. */
export interface Promised {
  /** The log of the disk had so many bytes. */
  readonly moment: number;
  readonly admitted: string;
  readonly stored: readonly string[];
  readonly generation: number;
  /** Entries of the outbox that were kept and not removed. */
  readonly entries: readonly number[];
}

const perVersion = 6;

export function entryOf(entry: number): StoredEntry {
  const payload = new TextEncoder().encode(`payload ${entry} `.repeat(40));
  return { entry, kind: 'event', bytes: payload.byteLength, session: 1, thinned: 0, payload };
}

/** Five models, new keys of the owner and of the controller; after each a device has something more to lose. */
export async function live(
  world: TrustWorld,
  anchor: ReturnType<TrustWorld['anchor']>,
  folder: string,
  moment: () => number,
): Promise<Promised[]> {
  const { disk, models, memory, outbox } = stateIn(folder);
  const gate = await world.gate(disk, { anchor });
  await outbox.open();
  const promised: Promised[] = [];
  let entries: number[] = [];
  let stored: string[] = [];
  const versions = ['1.0.0', '2.0.0', '3.0.0', '4.0.0', '5.0.0'];
  for (const [index, version] of versions.entries()) {
    const { model, text, contents } = bundleOf(version);
    await world.release(version, { release: 1 + Math.floor(index / 2) }, text);
    world.order(model);
    await gate.admit(model, never);
    await models.add(text, contents);
    stored.push(model.digest);
    await memory.save({ generation: index + 1, version } as never);
    await gate.committed(model);
    for (let one = 0; one < perVersion; one++) {
      const entry = index * perVersion + one;
      await outbox.append(entryOf(entry));
      entries.push(entry);
    }
    const acknowledged = entries.slice(0, -perVersion);
    await outbox.remove(acknowledged);
    entries = entries.slice(-perVersion);
    if (stored.length > 2) {
      await models.remove(stored[0]!);
      stored = stored.slice(1);
    }
    promised.push({
      moment: moment(),
      admitted: version,
      stored: [...stored],
      generation: index + 1,
      entries: [...entries],
    });
    if (index === 1) {
      const added = newSigner();
      rotated(world, ({ root, ...others }) => ({
        ...others,
        root: { ...root, keys: [...root.keys, added.key] },
      }));
      world.sign();
      await world.publish();
    }
    if (index === 3) {
      const online = newSigner();
      rotated(world, (holders) => ({ ...holders, online: online.key }));
      world.sign();
      world.controller = world.newController(online);
      await world.controller.load();
      await world.publish();
    }
  }
  await outbox.close();
  return promised;
}

/** What is wrong with what a cut left; empty where the device comes up, has what it promised, and goes on. */
export async function faultsIn(
  world: TrustWorld,
  anchor: ReturnType<TrustWorld['anchor']>,
  folder: string,
  promised: Promised | undefined,
): Promise<string[]> {
  const faults: string[] = [];
  const { disk, models, memory, outbox } = stateIn(folder);
  const holds = async (what: string, action: () => Promise<unknown>) => {
    try {
      await action();
    } catch (error) {
      faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const expectSame = (found: unknown, wanted: unknown) => {
    if (found !== wanted) throw new Error(`${String(found)} in place of ${String(wanted)}`);
  };
  await holds('metadata', async () => {
    const gate = await world.gate(disk, { anchor });
    if (promised !== undefined) await gate.expectAdmitted(bundleOf(promised.admitted).model);
    const evil = { ...bundleOf('5.0.0').model, digest: digestOf('evil') };
    const isRun = await gate.expectAdmitted(evil).then(
      () => true,
      () => false,
    );
    expectSame(isRun, false);
    const newest = bundleOf('5.0.0').model;
    world.order(newest);
    await gate.admit(newest, never);
  });
  // The oldest may have been taken away between this promise and the next.
  for (const digest of promised?.stored ?? [])
    if (digest !== promised?.stored[0])
      await holds(`model ${digest.slice(7, 15)}`, async () =>
        expectSame((await models.getIntact(digest))?.digest, digest),
      );
  await holds('no model is there that is damaged', async () => {
    for (const digest of await models.digests()) await models.get(digest);
  });
  await holds('a model again', async () => {
    const { model, text, contents } = bundleOf('5.0.0');
    expectSame((await models.add(text, contents)).digest, model.digest);
  });
  await holds('memory', async () => {
    const found = (await memory.load()) as { generation: number } | undefined;
    if ((found?.generation ?? 0) < (promised?.generation ?? 0))
      throw new Error(`generation ${found?.generation} after ${promised?.generation}`);
  });
  await holds('outbox', async () => {
    const opened = await outbox.open();
    if (opened.damage !== undefined) throw new Error(opened.damage);
    const there = new Set(opened.entries.map(({ entry }) => entry));
    const gone = (promised?.entries ?? []).filter((entry) => !there.has(entry));
    // They are removed once as many newer ones were kept.
    const isRemoval = promised?.entries.every((entry) => there.has(entry + perVersion)) === true;
    if (gone.length > 0 && !isRemoval) throw new Error(`entries ${gone.join(', ')} are gone`);
    await outbox.append(entryOf(1_000));
    const bytes = await outbox.read(1_000);
    if (bytes === undefined) throw new Error('what was kept after the cut is not there');
  });
  await outbox.close().catch(() => undefined);
  return faults;
}
