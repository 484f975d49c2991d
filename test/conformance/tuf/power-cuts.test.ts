import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { MetadataFolder } from '../../../src/adapters/filesystem/index.ts';
import type { SignedTrustGate } from '../../../src/agent/index.ts';
import { type Cut, type DiskStep, diskAfter, writeDisk } from '../../fakes/recorded-disk.ts';
import { rotated } from '../../fixtures/trust-rotation.ts';
import { bundleOf, never, newSigner, TrustWorld } from '../../fixtures/trust-world.ts';

/*
 * A device whose power is cut at every step that its metadata takes on the disk: the code that writes is the real one, its
 * steps are recorded and replayed up to each of them, in several ways. `npm run check -- cuts` takes every one.
 */
const recorded: DiskStep[] = [];
let recording = false;

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>();
  const note = (step: DiskStep) => {
    if (recording) recorded.push(step);
  };
  const open = async (path: string, flags?: string, mode?: number) => {
    const handle = await real.open(path, flags, mode);
    if (flags === 'wx') note({ kind: 'create', path });
    return new Proxy(handle, {
      get(target, name) {
        if (name === 'writeFile')
          return async (bytes: Uint8Array | string) => {
            note({ kind: 'write', path, bytes: Buffer.from(bytes as Uint8Array) });
            return target.writeFile(bytes);
          };
        if (name === 'sync')
          return async () => {
            await target.sync();
            note({ kind: flags === 'r' ? 'sync-folder' : 'sync', path });
          };
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  const rename = async (path: string, to: string) => {
    await real.rename(path, to);
    note({ kind: 'rename', path, to });
  };
  const rm = async (path: string, options?: object) => {
    await real.rm(path, options);
    note({ kind: 'remove', path });
  };
  return { ...real, open, rename, rm, default: { ...real, open, rename, rm } };
});

const folders: string[] = [];
const newFolder = () => {
  folders.push(mkdtempSync(join(tmpdir(), 'goshawk-cuts-')));
  return folders.at(-1)!;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const diskIn = (folder: string) => ({
  image: new MetadataFolder(join(folder, 'image')),
  director: new MetadataFolder(join(folder, 'director')),
  ledger: new MetadataFolder(folder),
});

/** How many steps had been taken when something was done. */
interface Milestone {
  readonly at: number;
  readonly admitted: string;
}

/** Models, new keys of the owner, and a new key of the controller: everything that a device writes metadata for. */
async function life(
  world: TrustWorld,
  gate: SignedTrustGate,
  done: (version: string) => void,
): Promise<void> {
  const run = async (version: string, release: number) => {
    const model = await world.release(version, { release });
    world.order(model);
    await gate.admit(model, never);
    await gate.committed(model);
    done(version);
  };
  await run('1.0.0', 1);
  await run('2.0.0', 1);
  const added = newSigner();
  rotated(world, ({ root, ...others }) => ({
    ...others,
    root: { ...root, keys: [...root.keys, added.key] },
  }));
  world.sign();
  await world.publish();
  await run('3.0.0', 7);
  const online = newSigner();
  rotated(world, (holders) => ({ ...holders, online: online.key }));
  world.sign();
  world.controller = world.newController(online);
  await world.controller.load();
  await world.publish();
  await run('4.0.0', 7);
}

const kinds: readonly Cut[] = [
  { kind: 'kill' },
  { kind: 'lost' },
  ...[0, 0.3, 0.5, 0.99].map((share) => ({ kind: 'torn' as const, share })),
];
const every = process.env.GOSHAWK_EVERY_CUT === undefined ? 19 : 1;

describe('A device whose power is cut while it writes metadata', () => {
  it('starts, runs only the models that it had admitted, and continues', { timeout: 900_000 }, async () => {
    const world = await TrustWorld.make();
    const anchor = world.anchor();
    const folder = newFolder();
    const milestones: Milestone[] = [];
    recording = true;
    const gate = await world.gate(diskIn(folder) as never, { anchor });
    await life(world, gate, (admitted) => milestones.push({ at: recorded.length, admitted }));
    recording = false;
    const newest = bundleOf('4.0.0');
    const evil = bundleOf('4.0.0', 'evil');
    let cuts = 0;
    for (let at = 0; at <= recorded.length; at++)
      for (const [nth, kind] of kinds.entries()) {
        if ((at * kinds.length + nth) % every !== 0) continue;
        cuts += 1;
        const after = newFolder();
        writeDisk(diskAfter(recorded.slice(0, at), kind), folder, after);
        const where = `${kind.kind} after step ${at} of ${recorded.length}`;
        const again = await world.gate(diskIn(after) as never, { anchor });
        const last = milestones.filter((one) => one.at <= at).at(-1);
        // What it was told that it may run before the cut it runs after it.
        if (last !== undefined)
          await expect(again.expectAdmitted(bundleOf(last.admitted)), where).resolves.toBeUndefined();
        await expect(again.expectAdmitted(evil), where).rejects.toMatchObject({ code: 'trust-refused' });
        await expect(again.admit(newest, never), where).resolves.toBeUndefined();
        rmSync(after, { recursive: true });
      }
    process.stdout.write(`${cuts} cuts in ${recorded.length} steps\n`);
    expect(cuts).toBeGreaterThan(20);
  });
});
