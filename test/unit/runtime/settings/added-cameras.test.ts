import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { readDeviceSettings } from '../../../../src/runtime/settings/added-cameras.ts';
import { liveAgentSettings } from '../../../../src/runtime/settings/reload.ts';
import { SettingsReloader } from '../../../../src/runtime/settings/reloader.ts';

const folder = mkdtempSync(join(tmpdir(), 'goshawk-added-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, 'agent.json');
const write = (cameras: object) =>
  writeFileSync(
    path,
    JSON.stringify({
      ...{ device: 'd1', dataDir: folder, broker: { url: 'mqtt://127.0.0.1' }, cameras },
      remote: { cameras: ['rtsp', 'mjpeg'] },
    }),
    { mode: 0o600 },
  );
const add = (cameras: object) =>
  writeFileSync(join(folder, 'added-cameras.json'), JSON.stringify({ cameras }), { mode: 0o600 });

const masked = {
  privacy: {
    masks: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    ],
  },
};

describe('Cameras that were added over the fleet', () => {
  it.each([
    ['a folder', '/pictures', true],
    ['another camera', 'rtsp://10.0.0.6/s', true],
    ['a camera that is named in an added one', 'rtsp://10.0.0.5/s', false],
    ['the same camera with its login', 'rtsp://admin:word@10.0.0.5:554/other', false],
    ['the same camera by its pipeline', 'gst:rtspsrc location=rtsp://10.0.0.5/s ! decodebin', false],
  ])('beside %s in the settings file: %s', async (_, source, isUsed) => {
    write({ front: { source, ...masked } });
    add({ yard: { source: 'rtsp://10.0.0.5/sub' }, gate: { source: 'http://10.0.0.9/v' } });
    const { settings, added, notes } = await readDeviceSettings(path);
    expect(Object.keys(settings.cameras)).toEqual(isUsed ? ['front', 'yard', 'gate'] : ['front', 'gate']);
    expect(Object.keys(added)).toEqual(isUsed ? ['yard', 'gate'] : ['gate']);
    expect(notes[0]).toBe(
      isUsed
        ? 'camera yard (rtsp://10.0.0.5/sub), added over the fleet.'
        : 'camera yard (rtsp://10.0.0.5/sub), added over the fleet, is left out: the settings file uses this camera as front.',
    );
  });

  it('wait for the restart that leaves them out, when a reload brings their camera into the file', async () => {
    const front = { source: 'sim' };
    write({ front });
    add({ yard: { source: 'rtsp://10.0.0.5/sub' } });
    const read = async () => (await readDeviceSettings(path)).settings;
    const started = await read();
    const reloader = new SettingsReloader(started, {
      ...{ read, live: liveAgentSettings, log: silentLog },
      apply: () => expect.unreachable(),
    });
    write({ front, owned: { source: 'rtsp://10.0.0.5/s', ...masked } });
    expect(await reloader.reload()).toEqual({ applied: [], waiting: ['cameras.owned', 'cameras.yard'] });
    expect(Object.keys((await read()).cameras)).toEqual(['front', 'owned']);
  });
});
