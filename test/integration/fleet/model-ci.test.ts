import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Bundle } from '../../../src/model/index.ts';
import { goshawk, pathWithGoshawk, pictureFolder, projectRoot, type Ran } from '../goshawk.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn, networkFinding } from './models.ts';
import { eventually } from './program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const [kind] = brokerKinds.filter(({ missing }) => missing === undefined);
const wanted = process.env.GOSHAWK_LONG_TESTS === '1';
const title = `A model from CI to the fleet and back${wanted ? '' : ', skipped: npm test -- model-ci runs it'}`;

describe.skipIf(!wanted || kind === undefined)(title, () => {
  let fleet: TestFleet;
  let environment: Record<string, string>;

  beforeAll(async () => {
    if (kind === undefined) return;
    fleet = await TestFleet.open(kind);
    await fleet.broker.start();
    await fleet.startController();
    const settings = { drift: { frames: { keep: true, randomPerDay: 86_400 } } };
    const front = { source: join(fleet.folder, 'pictures'), fps: 8, settings };
    await fleet.startAgent({ device: 'cam-1', settings: { probationSeconds: 1, cameras: { front } } });
    await fleet.online('cam-1');
    const heldOut = join(fleet.folder, 'held-out');
    mkdirSync(join(heldOut, 'labels'), { recursive: true });
    const pictures = await pictureFolder(heldOut, 4);
    renameSync(pictures, join(heldOut, 'images'));
    for (let at = 0; at < 4; at++)
      writeFileSync(join(heldOut, 'labels', `${at}.txt`), '0 0.25 0.25 0.5 0.5\n1 0.75 0.75 0.5 0.5\n');
    environment = {
      ...{ GOSHAWK_URL: fleet.url, GOSHAWK_TOKEN: fleet.adminToken, WAIT: '120s' },
      PATH: pathWithGoshawk(fleet.folder),
      ...{ HELDOUT: heldOut, MIN_MAP: '0.9' },
    };
  });
  afterAll(() => fleet?.close());

  /** With a golden set of its own detections: what it never found does not stop it there. */
  async function bundleOf(version: string, bytes: Uint8Array): Promise<Bundle> {
    const bundle = await bundleIn(fleet.folder, version, bytes, { labels: ['car', 'person'] });
    const golden = join(fleet.folder, 'pictures');
    const { location } = bundle;
    const ran = await goshawk(
      'model',
      'budget',
      location,
      '--golden',
      golden,
      '--out',
      location,
      '--replace',
    );
    expect(ran.code, ran.stderr).toBe(0);
    return bundle;
  }
  /** With a budget that no device keeps. */
  async function tooSlow(bundle: Bundle): Promise<Bundle> {
    const path = join(bundle.location, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...manifest, budgets: { p95LatencyMs: 0.000_001 } }));
    return bundle;
  }
  const script = (name: string, args: readonly string[], more: Record<string, string> = {}) =>
    new Promise<Ran>((done) => {
      const env = { ...process.env, ...environment, ...more };
      execFile(join('deploy/ci', name), [...args], { cwd: projectRoot, env }, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  function release(bundle: Bundle, more: Record<string, string> = {}): Promise<Ran> {
    const { version } = bundle.manifest;
    const policy = join(fleet.folder, `policy-${version}.yaml`);
    writeFileSync(policy, `model: { name: tiny, version: ${version} }\ntarget: { all: true }\n`);
    return script('release-model.sh', [bundle.location, `tiny-${version}`, policy], more);
  }
  const runs = async () => (await fleet.device('cam-1')).reported?.slots.main?.loaded?.version;

  it('is stopped by held-out pictures where it lost a class, and nothing of it reaches the controller', async () => {
    const ran = await release(await bundleOf('2.0.0', networkFinding('car')));
    expect(ran).toMatchObject({ code: 1, stdout: expect.stringContaining('mAP') });
    expect(ran.stdout).not.toContain('== push');
    expect(await fleet.client.call('GET /models', {})).toMatchObject({ models: [] });
  });

  it('is stopped in its first wave where a device refuses it, and the device goes on as it was', async () => {
    const ran = await release(await tooSlow(await bundleOf('2.0.1', networkFinding('car', 'person'))));
    expect(ran.code, ran.stderr + ran.stdout).toBe(1);
    expect(ran.stdout).toContain('== rollout');
    expect(ran.stdout).toContain('tiny 2.0.1, rolled-back.');
    expect(await runs()).toBe('1.0.0');
  });

  it('reaches the fleet when it was made better, and hard frames come back to what trains', async () => {
    const ran = await release(await bundleOf('2.1.0', networkFinding('car', 'person')));
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
    expect(await runs()).toBe('2.1.0');

    await eventually('a hard frame is kept', async () => {
      const { frames } = await fleet.client.call('GET /devices/:id/frames', {
        params: { id: 'cam-1' },
        query: {},
      });
      return frames.length > 0;
    });
    const [trained, hook] = [join(fleet.folder, 'trained'), join(fleet.folder, 'train.sh')];
    writeFileSync(hook, `#!/bin/sh\necho "$1" > ${trained}\n`, { mode: 0o755 });
    const data = join(fleet.folder, 'data');
    const back = await script('fetch-frames.sh', [data, 'cam-1'], { RETRAIN: hook });
    expect(back.code, back.stderr).toBe(0);
    expect(readFileSync(trained, 'utf8').trim()).toBe(data);
    const coco = JSON.parse(readFileSync(join(data, 'cam-1', 'annotations.json'), 'utf8'));
    expect(coco.images.length).toBeGreaterThan(0);
  });
});
