import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HttpCamera } from '../../fixtures/cameras/http-camera.ts';
import { goshawk } from '../goshawk.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { eventually, type Program } from './program.ts';

// Most of it is waiting for processes to start, on machines that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const [kind] = brokerKinds.filter(({ missing }) => missing === undefined);
const password = 'Marsh-Harrier-2290';

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe.skipIf(kind === undefined)('A camera that is added over the fleet', () => {
  const camera = new HttpCamera();
  let fleet: TestFleet;
  let agent: Program;
  let picture: Buffer;
  let timer: NodeJS.Timeout;

  const settings = () => ({
    remote: { restart: true, cameras: ['mjpeg'], cameraNetworks: ['127.0.0.0/8'] },
    privacy: { viewer: 'blurred', operator: 'blurred', admin: 'plain' },
    cameras: {
      front: { source: join(fleet.folder, 'pictures'), fps: 8 },
      masked: { source: 'http://127.0.0.2:9/x' },
    },
  });
  const start = () => fleet.startAgent({ device: 'cam-1', settings: settings() });
  /** The agent ended as it said, and is started again as systemd does. */
  const restarted = async () => {
    await eventually('the agent ends to take up the change', () => !agent.alive);
    expect((await agent.end()).code).toBe(75);
    agent = await start();
    await fleet.online('cam-1');
  };
  const describeOwn = () => fleet.client.call('POST /devices/:id/describe', { params: { id: 'cam-1' } });
  const add = (...args: readonly string[]) => fleet.command('camera', 'add', 'cam-1', ...args, '--yes');
  const login = () => ['--username', 'admin', '--password-file', join(fleet.folder, 'camera.password')];

  beforeAll(async () => {
    picture = await sharp({ create: { width: 320, height: 240, channels: 3, background: 'orange' } })
      .jpeg()
      .toBuffer();
    await camera.start();
    camera.challenge = 'Basic realm="camera"';
    const wanted = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
    camera.refuse = (_, authorization) => (authorization === wanted ? undefined : 401);
    timer = setInterval(() => camera.picture(picture), 100);
    fleet = await TestFleet.open(kind!);
    writeFileSync(join(fleet.folder, 'camera.password'), `${password}\n`, { mode: 0o600 });
    await fleet.broker.start();
    await fleet.startController();
    agent = await start();
    await fleet.online('cam-1');
  });
  afterAll(async () => {
    clearInterval(timer);
    await fleet.close();
    await camera.close();
  });

  it.each([
    ['a kind that the device does not allow', ['rtsp://127.0.0.1:9/x'], 'remote.cameras'],
    ['a pipeline', ['gst:filesrc location=/etc/passwd ! jpegdec'], 'cannot be added|can.t be added'],
    ['a file', ['/etc/passwd'], 'can.t be added'],
    ['a variable of the agent', [`${'http://127.0.0.1:9/$'}{PATH}`], 'can.t be added'],
    ['an address outside of its networks', ['http://169.254.169.254/latest'], 'remote.cameraNetworks'],
    ['a camera of the settings file', ['HTTP://127.0.0.2:80/y'], 'uses this camera as masked'],
    ['a name that the settings file has', [], 'There is a camera front already'],
  ])('is refused where it is %s', async (_, given, words) => {
    const [source = camera.url] = given;
    const name = given.length === 0 ? 'front' : 'yard';
    const ran = await add(name, source, ...(/^http/i.test(source) ? login() : []));
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(new RegExp(words));
    expect(ran.stderr).not.toContain(password);
  });

  it('is refused without the right password, and leaves nothing', async () => {
    const wrong = join(fleet.folder, 'wrong.password');
    writeFileSync(wrong, 'Wrong-Password-1\n', { mode: 0o600 });
    const ran = await add('yard', camera.url, '--username', 'admin', '--password-file', wrong);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).not.toContain('Wrong-Password-1');
    // What was tried for "front" before waits to be added; of this one nothing is kept.
    const kept = filesBelow(join(fleet.deviceFolder('cam-1'), 'added-cameras'));
    for (const file of kept) expect(readFileSync(file, 'utf8')).not.toContain('Wrong-Password-1');
  });

  it('is added after a picture that is hidden as the device would hide it, and survives a restart', async () => {
    const file = join(fleet.folder, 'yard.jpg');
    const { token } = await fleet.client.call('POST /tokens', { body: { name: 'op', role: 'operator' } });
    const trial = await fetch(`${fleet.url}/api/v1/devices/cam-1/camera-trials`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ source: camera.url, username: 'admin', password }),
    });
    const seen = (await trial.json()) as { privacy: string; jpeg: string };
    // The model of the test knows no persons: an operator, for whom they are to be blurred, sees nothing at all.
    expect(seen).toMatchObject({ privacy: 'boxes', width: 320, height: 240 });
    const { channels } = await sharp(Buffer.from(seen.jpeg, 'base64')).stats();
    expect(channels.every(({ mean }) => mean < 60)).toBe(true);

    const before = readFileSync(join(fleet.folder, 'cam-1.json'), 'utf8');
    const ran = await add('yard', camera.url, ...login(), '--picture', file);
    expect(ran.stderr).not.toContain('Error');
    expect(ran.code).toBe(0);
    // An admin may see all, by the settings of the device.
    expect((await sharp(file).stats()).channels[0]!.mean).toBeGreaterThan(200);
    await restarted();
    expect(readFileSync(join(fleet.folder, 'cam-1.json'), 'utf8')).toBe(before);
    await eventually('its frames come', async () => {
      const { cameras } = (await describeOwn()) as {
        cameras: { camera: string; frames: { processed: number } }[];
      };
      return cameras.some(({ camera: name, frames }) => name === 'yard' && frames.processed > 0);
    });
    expect(await describeOwn()).toMatchObject({
      remote: { cameras: ['mjpeg'], added: { yard: camera.url } },
    });
  });

  it('shows its password nowhere but in a file of the agent alone', async () => {
    const folder = fleet.deviceFolder('cam-1');
    const holding = filesBelow(fleet.folder).filter((file) => readFileSync(file).includes(password));
    const [file, ...more] = holding.filter((one) => one.startsWith(folder));
    expect(more).toEqual([]);
    expect(file).toContain('added-cameras');
    expect(statSync(file!).mode & 0o077).toBe(0);
    expect(holding.filter((one) => !one.startsWith(folder))).toEqual([join(fleet.folder, 'camera.password')]);
    expect(fleet.controller.stderr + agent.stderr).not.toContain(password);
    const { entries } = await fleet.client.call('GET /audit', { query: { limit: 500 } });
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['camera.tried', 'camera.added']),
    );
    expect(JSON.stringify(entries)).not.toContain(password);
    expect(JSON.stringify(entries)).toContain(camera.url);
  });

  it('is named by --check, and left out where the owner of the device no longer allows it', async () => {
    const config = join(fleet.folder, 'cam-1.json');
    const allowed = await goshawk('agent', '--config', config, '--check');
    expect(allowed.stderr + allowed.stdout).toContain('camera yard');
    const other = join(fleet.folder, 'stricter.json');
    const parsed = JSON.parse(readFileSync(config, 'utf8'));
    writeFileSync(other, JSON.stringify({ ...parsed, remote: { cameras: [] } }), { mode: 0o600 });
    const refused = await goshawk('agent', '--config', other, '--check');
    expect(refused.stderr + refused.stdout).toMatch(/camera yard .*is left out/);
  });

  it('is renamed and removed, by operators and not by viewers', async () => {
    const { token } = await fleet.client.call('POST /tokens', { body: { name: 'v', role: 'viewer' } });
    for (const [method, path] of [
      ['POST', 'camera-trials'],
      ['POST', 'cameras'],
      ['PUT', 'cameras/yard/name'],
      ['DELETE', 'cameras/yard'],
    ] as const) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${fleet.url}/api/v1/devices/cam-1/${path}`, {
        ...{ method, headers, body: '{}' },
      });
      expect(answer.status, path).toBe(403);
    }
    const own = await fleet.command('camera', 'remove', 'cam-1', 'front', '--yes');
    expect(own.stderr).toContain('settings file');
    expect((await fleet.command('camera', 'rename', 'cam-1', 'yard', 'gate')).code).toBe(0);
    await restarted();
    expect((await fleet.device('cam-1')).birth!.cameras).toEqual(['front', 'masked', 'gate']);
    expect((await fleet.command('camera', 'remove', 'cam-1', 'gate', '--yes')).code).toBe(0);
    await restarted();
    expect((await fleet.device('cam-1')).birth!.cameras).toEqual(['front', 'masked']);
    const holding = filesBelow(fleet.deviceFolder('cam-1')).filter((file) =>
      readFileSync(file).includes(password),
    );
    expect(holding).toEqual([]);
  });
});
