import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { digestOf, writeBundle } from '../../src/adapters/filesystem/index.ts';
import { type DesiredModel, encodePayload } from '../../src/protocol/index.ts';
import {
  anchorBytes,
  orderPayload,
  orderType,
  signPayload,
  type TrustSigner,
} from '../../src/trust/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { onlineKeyRotated } from '../fixtures/trust-rotation.ts';
import { TrustWorld, targetOf, verifier } from '../fixtures/trust-world.ts';
import { serveBundle, startDevice, until, Watcher } from './watched-device.ts';

vi.setConfig({ testTimeout: 600_000 });

const highest = Number.MAX_SAFE_INTEGER;

/** The owner signs it. */
async function signedBundle(world: TrustWorld, folder: string, version: string): Promise<DesiredModel> {
  const bytes = tinyOnnx();
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file }] });
  const { digest } = await writeBundle(folder, manifest, new Map([['fp32.onnx', bytes]]));
  await sign(world, folder, version);
  return { name: manifest.name, version, digest };
}

async function sign(world: TrustWorld, folder: string, version: string, custom = {}): Promise<void> {
  const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
  world.setTarget(`tiny/${version}`, targetOf(text, { release: 1, ...custom }));
  world.sign();
  await world.publish();
}

/** What the controller publishes below /tuf. */
async function serveMetadata(world: TrustWorld): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const found = world.controller.file(url.replace(/^\/tuf\//, ''));
    response.writeHead(found === undefined ? 404 : 200).end(found && Buffer.from(found.bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('a stolen online key rules an agent until the owners have rotated it, and what they withdraw stops', async () => {
  const base = temporaryFolder();
  const world = await TrustWorld.make();
  world.clock.advance(Date.now() - world.clock.wallMs());
  const own = await signedBundle(world, join(base, 'own'), '1.0.0');
  const better = await signedBundle(world, join(base, 'better'), '1.1.0');
  const { artifacts } = await serveBundle(join(base, 'better'));
  const { targets } = JSON.parse(String(Buffer.from(world.controller.published()))).image;
  const rootFile = join(base, 'root.json');
  writeFileSync(rootFile, anchorBytes({ ...world.anchor(), targets: Buffer.from(JSON.stringify(targets)) }));
  const watcher = await Watcher.start();
  const settings = {
    ...{ dataDir: join(base, 'data'), artifacts, model: join(base, 'own') },
    broker: { url: watcher.broker.url },
    trust: { rootFile, url: await serveMetadata(world) },
  };
  const order = async (model: DesiredModel, generation: number, signer: TrustSigner) => {
    world.order(model);
    const desired = encodePayload('desired', { generation, timeMs: Date.now(), slots: { main: { model } } });
    await watcher.publish(signPayload(orderType, orderPayload('cam-1', desired), signer, verifier));
  };

  const first = await startDevice(base, settings);
  await watcher.serves(own.digest);
  await order(better, 1, world.online);
  await watcher.serves(better.digest);

  await order(own, highest, world.online);
  await watcher.serves(own.digest);
  await until('it acts on that order', () => watcher.reported?.generation === highest);
  const fresh = await onlineKeyRotated(world);
  await order(better, 2, fresh);
  await watcher.serves(better.digest);
  await until('it acts on the new one', () => watcher.reported?.generation === 2);
  // The thief is still there, and so is somebody without any key.
  await order(own, highest, world.online);
  await watcher.order({ generation: highest, slots: { main: { model: own } } });
  world.order(better);
  await first.close();

  const second = await startDevice(base, settings);
  await watcher.serves(better.digest);
  await until('what nobody signed is refused', () =>
    second.log.lines.some(([, message]) => message === 'A payload was refused'),
  );
  expect(watcher.reported).toMatchObject({
    generation: 2,
    slots: { main: { loaded: { digest: better.digest } } },
  });
  await second.close();

  await sign(world, join(base, 'better'), '1.1.0', { revoked: true });
  await startDevice(base, settings);
  const { data } = await watcher.event('model.withdrawn');
  expect(data).toMatchObject({ digest: better.digest, serving: own.digest });
  await watcher.serves(own.digest);
});
