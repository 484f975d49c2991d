import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { gstreamerReady } from '../../device/gstreamer/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { GoshawkError } from '../../src/base/index.ts';
import type { FrameReceiver, FrameSource } from '../../src/perception/index.ts';
import { superviseSource } from '../../src/runtime/sources/open-source.ts';
import { Cable } from '../fixtures/cameras/cable.ts';
import { missingRtspServer, RtspCamera } from '../fixtures/cameras/rtsp-camera.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { NotingReceiver } from '../unit/adapters/replay/receiver.ts';
import { goshawk, jsonLines, tinyBundleFolder } from './goshawk.ts';

const noServer = missingRtspServer();
const decoders = {
  gstreamer: gstreamerReady() === undefined ? undefined : 'the addon for GStreamer is not built',
  ffmpeg: spawnSync('ffmpeg', ['-version']).status === 0 ? undefined : 'ffmpeg is not installed',
} as const;

class Watcher extends NotingReceiver implements FrameReceiver {
  readonly losses: GoshawkError[] = [];
  constructor() {
    super((frame) => frame.pixels.release());
  }
  lost(error: GoshawkError): void {
    this.losses.push(error);
  }
}

const opened: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await (one.close ?? one.stop)?.call(one);
});
function keep<T extends { close?(): Promise<void>; stop?(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}
const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
};

for (const [decoder, missing] of Object.entries(decoders)) {
  const why = noServer ?? missing;
  describe.skipIf(why !== undefined)(
    `A real RTSP camera through ${decoder}${why === undefined ? '' : ` (skipped: ${why})`}`,
    () => {
      /** Frames come through a source that is kept as the agent keeps it. */
      async function watch(url: string, options = ''): Promise<{ source: FrameSource; watcher: Watcher }> {
        const source = superviseSource(`${url}#decoder=${decoder}${options}`, {
          ...{ camera: 'front', clock: new SystemClock(), random: Math.random },
          ...{ realtime: true, fps: 30, loop: false },
        });
        const watcher = new Watcher();
        await keep(source).open(watcher);
        return { source, watcher };
      }

      it.each(['h264', 'h265'])(
        'sends %s, is switched off and on, and its frames come again with numbers and stamps that go on',
        async (codec) => {
          const camera = await keep(new RtspCamera('--codec', codec, '--size', '320x240')).start();
          const { source, watcher } = await watch(camera.url);
          await until(() => watcher.frames.length >= 10);
          expect(watcher.frames[0]).toMatchObject({ width: 320, height: 240, encoding: 'nv12', sequence: 0 });
          await camera.stop();
          await until(() => watcher.losses.length > 0);
          await camera.start();
          const before = watcher.frames.length;
          await until(() => watcher.frames.length >= before + 5);
          for (const [i, frame] of watcher.frames.entries()) {
            const last = watcher.frames[i - 1];
            if (last === undefined) continue;
            expect(frame.sequence).toBeGreaterThan(last.sequence);
            expect(frame.stampNs > last.stampNs).toBe(true);
          }
          expect(source.health?.()).toMatchObject({ connects: 2, frames: watcher.frames.length });
          expect(watcher.losses).toHaveLength(1);
        },
        120_000,
      );

      it('is lost behind a pulled cable and found again when it is plugged', async () => {
        const camera = await keep(new RtspCamera('--size', '320x240')).start();
        const cable = await keep(new Cable(camera.port)).start();
        const { watcher } = await watch(`rtsp://127.0.0.1:${cable.port}/x`, '&stall=1s');
        await until(() => watcher.frames.length >= 5);
        cable.pull();
        await until(() => watcher.losses.length > 0);
        cable.plug();
        const before = watcher.frames.length;
        await until(() => watcher.frames.length >= before + 5);
        expect(watcher.losses[0]?.code).toBe('camera-stalled');
      }, 120_000);

      it('that changes its resolution goes on with pictures of the new one', async () => {
        const camera = await keep(new RtspCamera('--size', '320x240')).start();
        const { watcher } = await watch(camera.url);
        await until(() => watcher.frames.length >= 5);
        await camera.command('size 640x360');
        await until(() => watcher.frames.at(-1)?.width === 640);
        expect(watcher.frames.at(-1)).toMatchObject({ width: 640, height: 360, step: 640 });
      }, 120_000);

      it('shows its password in nothing that goshawk run says, right or wrong', async () => {
        const base = temporaryFolder();
        const word = 'p@ss w0rd/secret1';
        const camera = await keep(
          new RtspCamera('--size', '320x240', '--user', 'ann', '--password', word),
        ).start();
        const bundle = await tinyBundleFolder(base);
        const file = join(base, 'password');
        const source = `${camera.url}#decoder=${decoder}`;
        const run = () =>
          goshawk(
            ...['run', '--model', bundle, '--source', source, '--username', 'ann'],
            ...['--password-file', file, '--frames', '3', '--json', '--debug'],
          );
        writeFileSync(file, `${word}\n`);
        const right = await run();
        expect(right.code).toBe(0);
        expect(jsonLines(right.stdout).filter(({ type }) => type === 'frame')).toHaveLength(3);
        writeFileSync(file, `${word} is wrong`);
        const wrong = await run();
        expect(wrong.code).toBe(5);
        expect(wrong.stderr).toContain('refuses the user name or the password');
        for (const { stdout, stderr } of [right, wrong])
          expect(stdout + stderr).not.toMatch(/secret1|p%40ss|cEBzcyB3MHJk/);
      }, 120_000);

      it.each([
        ['a path that is not there', '/nothing', 'camera-path'],
        ['no password', '/x', 'camera-refused'],
      ])(
        'refuses %s in words',
        async (_what, path, code) => {
          const guarded = code === 'camera-refused' ? ['--user', 'ann', '--password', 'x'] : [];
          const camera = await keep(new RtspCamera('--size', '320x240', ...guarded)).start();
          const { watcher } = await watch(camera.url.replace('/x', path));
          await until(() => watcher.losses.length > 0);
          expect(watcher.losses[0]?.code).toBe(code);
          expect(watcher.losses[0]?.remedy).not.toBe('');
        },
        120_000,
      );
    },
  );
}
