import { describe, expect, it } from 'vitest';
import { type AddedCameras, CameraSetup } from '../../../../src/agent/remote/index.ts';
import type { AddedKind } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const trial = { width: 1, height: 1, encoding: 'jpeg', tookMs: 1, privacy: 'boxes' as const, jpeg: '' };
const id = '0'.repeat(16);

function setupOf({ kinds = ['rtsp'] as readonly AddedKind[], fails = false, most = 4 } = {}) {
  const clock = new FakeClock();
  const forgotten: string[] = [];
  let saved: AddedCameras = {};
  const setup = new CameraSetup({
    ...{ kinds, clock, most, own: ['front'] },
    list: async () => saved,
    save: async (cameras) => {
      saved = cameras;
    },
    check: async (of, { source }) => ({
      kind: source.startsWith('rtsp') ? 'rtsp' : 'v4l2',
      source,
      passwordFile: `/${of}`,
    }),
    take: async () => {
      if (fails) throw Object.assign(new Error('no'), { code: 'camera-refused' });
      return trial;
    },
    forget: async ({ passwordFile = '' }) => void forgotten.push(passwordFile),
  });
  const tried = (of = id, source = 'rtsp://a/b') =>
    setup.try({ id: of, camera: { source, password: 'x' }, role: 'operator' });
  return { setup, clock, forgotten, tried, saved: () => saved };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

describe('Cameras that are added over the fleet', () => {
  it('are refused where the settings allow no kind, and where they allow another', async () => {
    const none = setupOf({ kinds: [] });
    expect(await codeOf(none.tried())).toBe('remote-refused');
    expect(await codeOf(none.setup.add({ name: 'yard', trial: id }))).toBe('remote-refused');
    expect(await codeOf(none.setup.remove({ name: 'yard' }))).toBe('remote-refused');
    expect(await codeOf(none.setup.rename({ name: 'yard', to: 'gate' }))).toBe('remote-refused');
    expect(await codeOf(setupOf().tried(id, 'v4l2:/dev/video0'))).toBe('remote-refused');
  });

  it('are kept when they gave a picture, once, and lost with their password where they did not', async () => {
    const { setup, tried, saved, forgotten } = setupOf();
    expect(await codeOf(setup.add({ name: 'yard', trial: id }))).toBe('camera-untried');
    await tried();
    expect(await codeOf(setup.add({ name: 'front', trial: id }))).toBe('camera-exists');
    await setup.add({ name: 'yard', trial: id });
    expect(saved()).toEqual({ yard: { source: 'rtsp://a/b', passwordFile: `/${id}` } });
    expect(await codeOf(setup.add({ name: 'gate', trial: id }))).toBe('camera-untried');
    expect(forgotten).toEqual([]);
    const bad = setupOf({ fails: true });
    expect(await codeOf(bad.tried())).toBe('camera-refused');
    expect(bad.forgotten).toEqual([`/${id}`]);
  });

  it('are forgotten ten minutes after the picture, and the oldest of many before', async () => {
    const { setup, tried, clock, forgotten } = setupOf();
    await tried();
    await clock.pass(600_000);
    expect(forgotten).toEqual([`/${id}`]);
    expect(await codeOf(setup.add({ name: 'yard', trial: id }))).toBe('camera-untried');
    for (let at = 1; at <= 9; at += 1) await tried(String(at).padStart(16, '0'));
    expect(forgotten).toHaveLength(2);
  });

  it('are renamed and removed, those of the settings file not', async () => {
    const { setup, tried, saved } = setupOf();
    await tried();
    await setup.add({ name: 'yard', trial: id });
    expect(await codeOf(setup.remove({ name: 'front' }))).toBe('camera-not-added');
    expect(await codeOf(setup.remove({ name: 'other' }))).toBe('camera-not-added');
    expect(await codeOf(setup.rename({ name: 'yard', to: 'front' }))).toBe('camera-exists');
    await setup.rename({ name: 'yard', to: 'gate' });
    expect(Object.keys(saved())).toEqual(['gate']);
    await setup.remove({ name: 'gate' });
    expect(saved()).toEqual({});
  });

  it('are limited in number, and whoever tries on and on is refused', async () => {
    const { setup, tried } = setupOf({ most: 1 });
    await tried();
    expect(await codeOf(setup.add({ name: 'yard', trial: id }))).toBe('cameras-many');
    const codes = [];
    for (let at = 0; at < 20; at += 1) codes.push(await codeOf(setup.remove({ name: 'x' })));
    expect(codes.at(-1)).toBe('remote-pace');
  });
});
