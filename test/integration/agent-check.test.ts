import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { goshawk, jsonLines } from './goshawk.ts';

const minutesMs = 900_000;

interface Checked {
  readonly ok: boolean;
  readonly parts: readonly { name: string; state: string; detail: string; remedy?: string; code?: string }[];
}

async function check(settings: object) {
  const folder = temporaryFolder();
  const config = join(folder, 'agent.json');
  const common = { device: 'd1', dataDir: join(folder, 'data'), broker: { url: 'mqtt://127.0.0.1:1' } };
  writeFileSync(config, JSON.stringify({ ...common, ...settings }));
  const ran = await goshawk('agent', '--config', config, '--check', '--json');
  const [checked] = jsonLines(ran.stdout) as unknown as Checked[];
  return { ran, parts: new Map(checked?.parts.map((part) => [part.name, part])) };
}

describe('goshawk agent --check', () => {
  it(
    'is content where what is named works, the lock is absent and the broker is away',
    async () => {
      const { ran, parts } = await check({
        model: 'models/street',
        engine: 'onnxruntime-node',
        updates: { lockFile: '/nowhere/lock' },
        cameras: { front: { source: 'sim' } },
        broker: { url: 'mqtt://127.0.0.1:1', servers: ['mqtt://127.0.0.1:2'] },
      });
      expect(ran.code, ran.stderr).toBe(0);
      expect(parts.get('camera front')).toMatchObject({ state: 'works' });
      expect(parts.get('model main')?.detail).toContain('opens with onnxruntime-node');
      for (const at of [1, 2])
        expect(parts.get(`broker ${at}`)).toMatchObject({
          ...{ state: 'away', code: 'broker-away' },
          detail: expect.stringContaining(`mqtt://127.0.0.1:${at}`),
        });
    },
    minutesMs,
  );

  it(
    'names what does not work, each with its remedy, and shows no password',
    async () => {
      const folder = temporaryFolder();
      const film = join(folder, 'film.mp4');
      writeFileSync(film, 'no film');
      const { ran, parts } = await check({
        cameras: { film: { source: film }, gate: { source: 'rtsp://ann:secret1@127.0.0.1:1/x' } },
      });
      expect(ran.code, ran.stderr).not.toBe(0);
      for (const name of ['camera film', 'camera gate']) {
        expect(parts.get(name), name).toMatchObject({ state: 'fails' });
        expect(parts.get(name)?.remedy, name).toMatch(/\w{3}/);
      }
      expect(ran.stdout + ran.stderr).not.toContain('secret1');
    },
    minutesMs,
  );
});
