import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DeviceDetail } from '../../src/api/index.ts';
import type { HardFrame } from '../../src/protocol/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { ended, goshawk, jsonLines, start } from './goshawk.ts';

// A broker, a controller and two devices start from their sources, beside other tests.
vi.setConfig({ testTimeout: 600_000 });

interface Fleet {
  run(...args: readonly string[]): Promise<Record<string, unknown>[]>;
  device(id: string): Promise<DeviceDetail>;
}

async function fleet(): Promise<Fleet> {
  const child = start('demo', '--port', '0', '--json', '--duration', '590s', '--data', temporaryFolder());
  const over = ended(child);
  onTestFinished(async () => {
    child.kill('SIGINT');
    await over;
  });
  const { dashboard, controller } = await firstLine(child);
  const token = new URL(dashboard).hash.replace('#token=', '');
  const target = ['--url', controller, '--token', token, '--json'];
  return {
    async run(...args) {
      const ran = await goshawk(...args, ...target);
      if (ran.code !== 0) throw new Error(ran.stdout);
      return jsonLines(ran.stdout);
    },
    async device(id) {
      const headers = { authorization: `Bearer ${token}` };
      return (await (await fetch(`${controller}/api/v1/devices/${id}`, { headers })).json()) as DeviceDetail;
    },
  };
}

function firstLine(child: ChildProcess): Promise<{ dashboard: string; controller: string }> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The demo ended with ${code}: ${text}`)));
    child.stdout?.on('data', (chunk: Buffer | string) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(jsonLines(text.slice(0, text.indexOf('\n')))[0] as never);
    });
  });
}

async function until<T>(get: () => Promise<T>, enough: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 180; tries++) {
    const value = await get();
    if (enough(value)) return value;
    await delay(1000);
  }
  throw new Error(`That did not come: ${JSON.stringify(await get()).slice(0, 2000)}`);
}

describe('Hard frames and the order to learn, over the whole fleet', () => {
  it('are kept by order, listed, fetched and exported in the form of COCO; learning begins and its progress is seen', async () => {
    const { run, device } = await fleet();
    // The demo says where it is before its devices have reported.
    await until(
      () => device('gate-south'),
      ({ reported }) => reported !== undefined,
    );
    await run('frame', 'keep', '--device', 'gate-south', '--random-per-day', '86400', '--mb-per-day', '5000');
    await run('drift', 'learn', '--device', 'gate-south', '--hours', '1');

    const list = async () =>
      (await run('frame', 'list', 'gate-south')).filter(
        ({ type }) => type === 'frame',
      ) as unknown as HardFrame[];
    const frames = await until(list, (found) => found.length >= 3);
    expect(frames[0]).toMatchObject({ camera: 'south', width: 640, height: 360 });
    expect(frames.some(({ detections }) => detections.length > 0)).toBe(true);

    const folder = temporaryFolder();
    const picture = join(folder, 'frame.jpg');
    await run('frame', 'fetch', 'gate-south', frames[0]!.id, '--out', picture);
    expect(readFileSync(picture)).toHaveLength(frames[0]!.bytes);
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 360 });

    const archive = join(folder, 'frames.tar');
    await run('frame', 'export', 'gate-south', '--max', '3', '--out', archive);
    expect(spawnSync('tar', ['xf', archive, '-C', folder]).status).toBe(0);
    const coco = JSON.parse(readFileSync(join(folder, 'annotations.json'), 'utf8'));
    expect(coco.images).toHaveLength(3);
    for (const { file_name: name } of coco.images)
      expect(existsSync(join(folder, name)) || existsSync(join(folder, 'images', name))).toBe(true);
    expect(readdirSync(folder).some((name) => name.endsWith('.partial'))).toBe(false);

    const learning = await until(
      () => device('gate-south'),
      ({ reported }) => reported?.drift?.south?.state === 'learning',
    );
    expect(learning.reported?.drift?.south).toMatchObject({
      learn: { state: 'learning' },
      hardFrames: { count: expect.any(Number) },
    });
    const missing = run('frame', 'fetch', 'gate-south', '1-0', '--out', join(folder, 'missing.jpg'));
    await expect(missing).rejects.toThrow(/frame-unknown/);
    expect(existsSync(join(folder, 'missing.jpg'))).toBe(false);

    await run('drift', 'learn', '--device', 'gate-south', '--stop');
    await until(
      () => device('gate-south'),
      ({ reported }) => reported?.drift?.south?.state === 'watching',
    );
  });
});
