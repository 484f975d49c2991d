import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BoardFolders, firstBoot } from '../../../../src/runtime/image/first-boot.ts';

const id = '0123456789abcdef0123456789abcdef';
let place = '';
let folders: BoardFolders;

function put(path: string, text: string): void {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  writeFileSync(join(place, path), text);
}
const read = (path: string) => readFileSync(join(place, path), 'utf8');
const settings = () => JSON.parse(read('state/agent.json'));

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'goshawk-first-boot-'));
  folders = {
    seed: join(place, 'seed'),
    state: join(place, 'state'),
    wireless: join(place, 'iwd'),
    etc: join(place, 'etc'),
    image: join(place, 'image'),
    program: join(place, 'program'),
  };
  put('etc/machine-id', `${id}\n`);
  put('etc/group', 'root:x:0:\ngoshawk:x:989:\n');
  put(
    'program/share/agent.json',
    '{"device":"@DEVICE@","broker":{"url":"mqtt://127.0.0.1:1883"},"cameras":{"street":{"source":"sim"}}}',
  );
  mkdirSync(folders.seed);
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

describe('The first boot of a board', () => {
  it('keeps the machine’s id and makes the device’s from it, which is not the same', async () => {
    const report = await firstBoot(folders);
    expect(read('state/machine-id')).toBe(`${id}\n`);
    expect(report).toMatchObject({
      device: expect.stringMatching(/^goshawk-[0-9a-f]{12}$/),
      enrols: false,
      problems: [],
    });
    expect(settings()).toMatchObject({ device: report.device });
    expect(id).not.toContain(report.device.slice('goshawk-'.length));
    expect(existsSync(join(folders.state, 'done'))).toBe(true);
  });

  it('takes settings, claim and wireless networks from the seed; secrets are for their readers alone', async () => {
    put(
      'seed/agent.json',
      '{"broker":{"url":"mqtts://broker.example:8883"},"cameras":{"front":{"source":"sim"}}}',
    );
    put('seed/claim.token', 'goshawk-claim://fleet.example:8443/1/secret/fingerprint\n');
    put('seed/wifi/Hall.psk', '[Security]\nPassphrase=correct horse\n');
    put('seed/wifi/notes.txt', 'no network');
    expect(await firstBoot(folders)).toMatchObject({ enrols: true });
    expect(settings()).toMatchObject({
      cameras: { front: { source: 'sim' } },
      enrolment: { claimFile: join(folders.state, 'claim.token') },
    });
    expect(statSync(join(folders.state, 'claim.token')).mode & 0o777).toBe(0o640);
    expect(readdirSync(folders.wireless)).toEqual(['Hall.psk']);
    expect(statSync(join(folders.wireless, 'Hall.psk')).mode & 0o777).toBe(0o600);
  });

  it('with a claim and no settings on the card leaves the broker to its enrolment', async () => {
    put('seed/claim.token', 'goshawk-claim://fleet.example:8443/1/secret/fingerprint\n');
    await firstBoot(folders);
    expect(settings()).not.toHaveProperty('broker');
    put('seed/agent.json', '{"broker":{"url":"mqtts://broker.example:8883"}}');
    await firstBoot(folders);
    expect(settings()).toMatchObject({ broker: { url: 'mqtts://broker.example:8883' } });
  });

  it('perceives with the model of the image', async () => {
    put('image/model/manifest.json', '{}');
    await firstBoot(folders);
    expect(settings()).toMatchObject({ model: join(folders.image, 'model') });
  });

  it.each([
    ['no JSON', '{"cameras": '],
    ['no object', '[1]'],
    ['too long', `"${'x'.repeat(300_000)}"`],
  ])('goes on with its own settings where those of the seed are %s, and says so', async (_what, text) => {
    put('seed/agent.json', text);
    const { problems } = await firstBoot(folders);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('seed/agent.json');
    expect(settings()).toMatchObject({ cameras: { street: { source: 'sim' } } });
  });

  it('without a seed is not over: it looks again, and leaves settings that were changed meanwhile', async () => {
    rmSync(folders.seed, { recursive: true });
    await firstBoot(folders);
    expect(existsSync(join(folders.state, 'done'))).toBe(false);
    put('state/agent.json', '{"changed":"by hand"}');
    await firstBoot(folders);
    expect(settings()).toEqual({ changed: 'by hand' });
    put('seed/agent.json', '{"device":"truck-7","cameras":{}}');
    await firstBoot(folders);
    expect(settings()).toMatchObject({ device: 'truck-7' });
  });

  it('cut off after any file, comes to the same end at the next boot', async () => {
    put('seed/claim.token', 'goshawk-claim://fleet.example:8443/1/secret/fingerprint\n');
    const { device } = await firstBoot(folders);
    const whole = Object.fromEntries(readdirSync(folders.state).map((name) => [name, read(`state/${name}`)]));
    const order = ['machine-id', 'claim.token', 'agent.json', 'done'];
    expect(Object.keys(whole).sort()).toEqual([...order].sort());
    for (let made = 0; made < order.length; made += 1) {
      rmSync(folders.state, { recursive: true });
      for (const name of order.slice(0, made)) put(`state/${name}`, whole[name] ?? '');
      // In between, the system has another id where the kept one could not be given to it.
      put('etc/machine-id', made === 0 ? `${id}\n` : (whole['machine-id'] ?? ''));
      expect((await firstBoot(folders)).device).toBe(device);
      expect(
        Object.fromEntries(readdirSync(folders.state).map((name) => [name, read(`state/${name}`)])),
      ).toEqual(whole);
    }
  });
});
