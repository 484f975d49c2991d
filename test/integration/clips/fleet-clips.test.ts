import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Clip } from '../../../src/protocol/index.ts';
import { EncodedCamera } from '../../fixtures/cameras/encoded-camera.ts';
import { play } from '../../fixtures/clips/clip-world.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { brokerKinds } from '../fleet/brokers.ts';
import { TestFleet } from '../fleet/fleet.ts';
import { eventually, type Program } from '../fleet/program.ts';
import { jsonLines } from '../goshawk.ts';

// Most of it is waiting for processes to start, on machines that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

describe('Clips over the whole fleet', () => {
  const camera = new EncodedCamera({ gop: 10, fps: 10 });
  let fleet: TestFleet;
  let agent: Program;

  const start = () =>
    fleet.startAgent({
      device: 'cam-1',
      settings: {
        cameras: {
          front: {
            ...{ source: camera.url, privacy: { clips: 'plain' } },
            clips: { on: ['camera.lost'], before: 2, after: 2, seconds: 30 },
          },
        },
      },
    });

  beforeAll(async () => {
    await camera.start();
    fleet = await TestFleet.open(brokerKinds[0]!);
    await fleet.broker.start();
    await fleet.startController();
    agent = await start();
    await fleet.online('cam-1');
  });
  afterAll(async () => {
    await fleet.close();
    await camera.stop();
  });

  const list = async () => {
    const { stdout } = await fleet.command('clip', 'list', 'cam-1');
    return jsonLines(stdout).filter(({ type }) => type === 'clip') as unknown as Clip[];
  };

  async function recorded(): Promise<Clip> {
    const ran = await fleet.command('clip', 'record', 'cam-1', '--camera', 'front', '--after', '1');
    expect(ran.code).toBe(0);
    const { id } = jsonLines(ran.stdout)[0] as { id: string };
    await eventually('the clip is listed', async () => (await list()).some((clip) => clip.id === id));
    return (await list()).find((clip) => clip.id === id)!;
  }

  it('are made when somebody asks, listed, and fetched whole, also in two goes', async () => {
    await eventually('the camera is there', async () => ((await fleet.device('cam-1')).summary.fps ?? 0) > 0);
    const clip = await recorded();
    expect(clip).toMatchObject({ camera: 'front', reasons: ['call'], codec: 'h264', encoded: false });

    const file = join(temporaryFolder(), 'clip.mp4');
    expect(await fleet.command('clip', 'fetch', 'cam-1', clip.id, '--out', file)).toMatchObject({ code: 0 });
    expect(readFileSync(file)).toHaveLength(clip.bytes);
    expect(play(file)).toMatchObject({ codec: 'h264', errors: '' });

    const again = join(temporaryFolder(), 'again.mp4');
    writeFileSync(`${again}.${clip.id}.partial`, readFileSync(file).subarray(0, 20_000));
    const resumed = await fleet.command('clip', 'fetch', 'cam-1', clip.id, '--out', again);
    expect(jsonLines(resumed.stdout)[0]).toMatchObject({ ok: true, resumedFrom: 19_999 });
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
  });

  it('are sent in parts to a player, and who looked is in the audit log', async () => {
    const clip = (await list())[0] ?? (await recorded());
    const headers = { authorization: `Bearer ${fleet.adminToken}` };
    const url = `${fleet.url}/api/v1/devices/cam-1/clips/${clip.id}`;
    const part = await fetch(url, { headers: { ...headers, range: 'bytes=4-7' } });
    expect(part.status).toBe(206);
    expect(await part.text()).toBe('ftyp');
    const { entries } = await fleet.client.call('GET /audit', { query: { limit: 100 } });
    const looks = entries.filter(({ action }) => action === 'clips.view');
    expect(looks[0]).toMatchObject({ target: 'cam-1' });
    expect(JSON.parse(looks[0]!.detail)).toMatchObject({ clip: clip.id, role: 'admin' });
    const missing = await fetch(`${fleet.url}/api/v1/devices/cam-1/clips/1-0`, { headers });
    expect(await missing.json()).toMatchObject({ code: 'clip-unknown' });
  });

  it('are made by the camera of an alert when it fires, once', async () => {
    const known = (await list()).map(({ id }) => id);
    const rule = await fleet.client.call('POST /alert-rules', {
      body: {
        name: 'ring-filled',
        when: { kind: 'metric', name: 'goshawk_clip_ring_bytes', labels: { camera: 'front' }, above: 0 },
        ...{ forSeconds: 0, clip: { before: 3, after: 1 } },
      },
    });
    const made = async () => (await list()).filter(({ id }) => !known.includes(id));
    await eventually('the clip of the alert', async () => (await made()).length > 0);
    const [clip] = await made();
    expect(clip).toMatchObject({ camera: 'front', reasons: ['call'], encoded: false });
    expect(clip!.durationMs).toBeGreaterThan(3_000);

    const { alerts } = await fleet.client.call('GET /alerts', { query: {} });
    const alert = alerts.find((one) => one.rule === rule.id);
    expect(alert).toMatchObject({ device: 'cam-1', camera: 'front' });
    const { entries } = await fleet.client.call('GET /audit', { query: { limit: 100 } });
    const orders = entries.filter(({ actor }) => actor.includes(alert!.id));
    expect(orders).toMatchObject([{ action: 'clips.record', target: 'cam-1' }]);

    const file = join(temporaryFolder(), 'alert.mp4');
    expect(await fleet.command('clip', 'fetch', 'cam-1', clip!.id, '--out', file)).toMatchObject({ code: 0 });
    expect(play(file)).toMatchObject({ codec: 'h264', errors: '' });
    // It goes on holding, and makes no second one.
    expect(await made()).toHaveLength(1);
    await fleet.client.call('DELETE /alert-rules/:id', { params: { id: rule.id } });
  });

  it('are fetched to their end over a restart of the agent, as for an update, and one under way is kept', async () => {
    const clip = (await list())[0] ?? (await recorded());
    const folder = temporaryFolder();
    const whole = join(folder, 'whole.mp4');
    expect(await fleet.command('clip', 'fetch', 'cam-1', clip.id, '--out', whole)).toMatchObject({ code: 0 });
    // Asked for, and not over yet, when the agent ends.
    const asked = await fleet.command('clip', 'record', 'cam-1', '--camera', 'front', '--after', '10');
    const { id } = jsonLines(asked.stdout)[0] as { id: string };

    const cut = join(folder, 'cut.mp4');
    const partial = `${cut}.${clip.id}.partial`;
    writeFileSync(partial, readFileSync(whole).subarray(0, 10_000));
    await agent.end();
    await eventually('it is offline', async () => !(await fleet.device('cam-1')).summary.online);
    const away = await fleet.command('clip', 'fetch', 'cam-1', clip.id, '--out', cut);
    expect(away.code).not.toBe(0);
    expect(away.stderr).toMatch(/cam-1 is offline: last seen .* UTC/);
    expect(away.stderr).toContain('--wait');
    expect(readFileSync(partial)).toHaveLength(10_000);

    agent = await start();
    await fleet.online('cam-1');
    const resumed = await fleet.command('clip', 'fetch', 'cam-1', clip.id, '--out', cut);
    expect(jsonLines(resumed.stdout)[0]).toMatchObject({ ok: true, resumedFrom: 9_999 });
    expect(readFileSync(cut).equals(readFileSync(whole))).toBe(true);
    expect((await list()).find((one) => one.id === id)).toMatchObject({ camera: 'front', reasons: ['call'] });
  });

  it('are made for an event of the settings', async () => {
    await camera.stop();
    await eventually('a clip of the loss', async () =>
      (await list()).some(({ reasons }) => reasons.includes('camera.lost')),
    );
    await camera.start();
  });
});
