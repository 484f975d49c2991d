import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { encodeUtf8 } from '../../src/base/index.ts';
import type { Device } from '../../src/controller/index.ts';
import { CallSealer, type SealedCall } from '../../src/controller/rpc/call-sealer.ts';
import { type TrustSigner, targetPath } from '../../src/trust/index.ts';
import { MemoryMetadata } from '../fakes/memory-metadata.ts';
import { newSigner, TrustWorld, targetOf, verifier } from '../fixtures/trust-world.ts';
import { bundleIn, otherNetwork } from '../integration/fleet/models.ts';
import { startDevice, until, Watcher } from './watched-device.ts';

vi.setConfig({ testTimeout: 300_000 });

// The broker is the attacker's: it can publish what it likes, keep what it saw, and bring it again.

const request = encodeUtf8(
  JSON.stringify({ camera: 'front', seconds: 2, maxFps: 5, maxWidth: 320, role: 'admin' }),
);

/** A controller's way to sign; with its key alone it is the way of a thief. */
async function sealerWith(signer: TrustSigner, session: () => number | undefined) {
  const sealer = new CallSealer({
    trust: { signer, verifier, store: new MemoryMetadata() },
    fleet: { signed: true },
    registry: { get: () => ({ birth: { session: session() } }) as unknown as Device },
    ...{ secrets: nodeSecrets, clock: new SystemClock() },
  });
  await sealer.load();
  const seal = (...call: Parameters<CallSealer['seal']>) => sealer.seal(...call) as SealedCall;
  return {
    seal,
    renew: () => sealer.renew('cam-1', Number.POSITIVE_INFINITY),
    made: sealer.made.bind(sealer),
  };
}

test('A device with a root shows its camera to whom its controller signed for, once, and to no one else', async () => {
  const base = mkdtempSync(join(tmpdir(), 'goshawk-signed-calls-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const world = await TrustWorld.make();
  const rootFile = join(base, 'root.json');
  const model = await bundleIn(base, '1.0.0', otherNetwork());
  const { name, version } = model.manifest;
  const manifest = readFileSync(join(model.location, 'manifest.json'), 'utf8');
  world.setTarget(targetPath({ name, version }), targetOf(manifest));
  world.sign();
  await world.publish();
  writeFileSync(rootFile, world.controller.anchor() ?? '');
  const watcher = await Watcher.start();
  const settings = {
    ...{ dataDir: join(base, 'data'), broker: { url: watcher.broker.url }, trust: { rootFile } },
    model: model.location,
  };
  const device = await startDevice(base, settings);
  const session = await until('it is born', () => watcher.sessions[0]);
  const controller = await sealerWith(world.online, () => session);

  const ask = (payload: Uint8Array, id: string) => watcher.call('preview', payload, id);
  const refusal = async (payload: Uint8Array, id: string) => (await ask(payload, id)).code;
  // As admin, as it was: without a signature, signed by somebody, and for another device.
  expect(await refusal(request, 'x.1')).toBe('trust-order');
  const stranger = await sealerWith(newSigner(), () => session);
  const foreign = stranger.seal('cam-1', 'preview', request, 10_000);
  expect(await refusal(foreign.payload, foreign.id)).toBe('trust-order');
  const other = controller.seal('cam-2', 'preview', request, 10_000);
  expect(await refusal(other.payload, other.id)).toBe('call-other');
  const frames = controller.seal('cam-1', 'frames', encodeUtf8('{"limit":1}'), 10_000);
  expect(await refusal(frames.payload, frames.id)).toBe('call-other');
  expect(watcher.previews).toBe(0);

  // The camera may not have begun: asked until a picture came.
  const honest: SealedCall[] = [];
  await until('pictures come', async () => {
    const call = controller.seal('cam-1', 'preview', request, 60_000);
    honest.push(call);
    expect(await ask(call.payload, call.id)).toMatchObject({ ok: true });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return watcher.previews > 0;
  });
  // Two seconds of pictures, and then none whatever is brought again.
  await until('the pictures end', () => {
    const seen = watcher.previews;
    return new Promise<boolean>((resolve) => setTimeout(() => resolve(watcher.previews === seen), 3_000));
  });
  const seen = watcher.previews;
  for (const { payload, id } of honest) void ask(payload, id).catch(() => {});
  // What comes after them is answered: they were taken, and refused.
  const later = controller.seal('cam-1', 'describe', encodeUtf8('{}'), 60_000);
  expect(await watcher.call('describe', later.payload, later.id)).toMatchObject({ ok: true });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(watcher.previews).toBe(seen);

  // A thief of the key is followed, as no device can tell; the controller can, by what the device says that it answered.
  const thief = await sealerWith(world.online, () => session);
  thief.renew();
  thief.renew();
  const stolen = thief.seal('cam-1', 'describe', encodeUtf8('{}'), 60_000);
  expect(await watcher.call('describe', stolen.payload, stolen.id)).toMatchObject({ ok: true });
  // Those of a minute together, and the last ones at the end; what a slow broker did not take then, with the next start.
  await device.close();
  await startDevice(base, settings);
  const calls = await until('it tells which calls it answered', () => {
    const told = watcher.events.filter(({ kind }) => kind === 'calls.answered');
    const all = told.flatMap(({ data }) => (data as { calls: { method: string; id: string }[] }).calls);
    return all.some(({ id }) => id === stolen.id) && all;
  });
  expect(calls.map(({ id }) => id)).toEqual([...honest, later, stolen].map(({ id }) => id));
  expect(calls.map(({ method, id }) => controller.made('cam-1', method, id))).toEqual([
    ...honest.map(() => true),
    true,
    false,
  ]);
});
