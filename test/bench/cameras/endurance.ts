/*
 * Ten minutes of three cameras with troubles: H.264 and H.265 over RTSP from GStreamer's server, MJPEG over HTTP, all 1080p30.
 * Prints for each what came, what was lost and how soon pictures were back.
 *
 *     npm run bench -- cameras [minutes] [folder with a264.mp4 b264.mp4 a265.mp4 b265.mp4 jpg/]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import type { FrameReceiver, FrameSource } from '../../../src/perception/index.ts';
import { superviseSource } from '../../../src/runtime/sources/open-source.ts';
import { Cable } from '../../fixtures/cameras/cable.ts';
import { HttpCamera } from '../../fixtures/cameras/http-camera.ts';
import { RtspCamera } from '../../fixtures/cameras/rtsp-camera.ts';

const [minutes = 10, folder = '/tmp/cam/media'] = [Number(process.argv[2] ?? 10), process.argv[3]];
const clock = new SystemClock();
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

class Camera implements FrameReceiver {
  readonly name: string;
  frames = 0;
  gaps = 0;
  backwards = 0;
  readonly sizes = new Set<string>();
  readonly losses: string[] = [];
  readonly back: number[] = [];
  #last = -1;
  #lastStampNs = 0n;
  #returnedMs: number | undefined;

  constructor(name: string) {
    this.name = name;
  }

  frame(frame: Parameters<FrameReceiver['frame']>[0]): void {
    this.frames += 1;
    this.gaps += Math.max(0, frame.sequence - this.#last - 1);
    if (frame.stampNs <= this.#lastStampNs) this.backwards += 1;
    this.#last = frame.sequence;
    this.#lastStampNs = frame.stampNs;
    this.sizes.add(`${frame.width}x${frame.height} ${frame.encoding}`);
    if (this.#returnedMs !== undefined) this.back.push(clock.monotonicMs() - this.#returnedMs);
    this.#returnedMs = undefined;
    frame.pixels.release();
  }
  fault(error: Error): void {
    this.losses.push(`fault: ${error.message}`);
  }
  lost(error: Error): void {
    this.losses.push(error.message);
  }
  end(): void {}
  /** What was gone is there again: how long until the next picture? */
  returned(): void {
    this.#returnedMs = clock.monotonicMs();
  }
}

function keep(name: string, url: string): { camera: Camera; source: FrameSource } {
  const camera = new Camera(name);
  const source = superviseSource(url, {
    ...{ camera: name, clock, random: Math.random, realtime: true, fps: 30, loop: false },
  });
  void source.open(camera);
  return { camera, source };
}

const rtsp = await Promise.all(
  ['264', '265'].map(async (codec) => {
    const files = ['--file', join(folder, `a${codec}.mp4`), '--other', join(folder, `b${codec}.mp4`)];
    const server = await new RtspCamera(...files, '--fps', '30').start();
    const cable = await new Cable(server.port).start();
    return { server, cable, ...keep(`H.${codec}`, `rtsp://127.0.0.1:${cable.port}/x`) };
  }),
);
const pictures = readdirSync(join(folder, 'jpg')).map((name) => readFileSync(join(folder, 'jpg', name)));
let web = await new HttpCamera().start();
const webCable = await new Cable(Number(new URL(web.url).port)).start();
const webPort = Number(new URL(web.url).port);
const mjpeg = keep('MJPEG', `http://127.0.0.1:${webCable.port}/video`);
let silent = false;
let sent = 0;
const sender = setInterval(() => {
  const picture = pictures[sent % pictures.length];
  if (silent || picture === undefined) return;
  sent += 1;
  web.picture(picture);
}, 1000 / 30);

const all = [...rtsp.map(({ camera }) => camera), mjpeg.camera];
const troubles: readonly (readonly [string, () => Promise<void>])[] = [
  [
    'server restarted after 4 s',
    async () => {
      await Promise.all([...rtsp.map(({ server }) => server.stop()), web.close()]);
      await wait(4000);
      await Promise.all(rtsp.map(({ server }) => server.start()));
      web = await new HttpCamera().start(webPort);
      for (const camera of all) camera.returned();
    },
  ],
  [
    'cable pulled for 12 s',
    async () => {
      for (const { cable } of rtsp) cable.pull();
      webCable.pull();
      await wait(12_000);
      for (const { cable } of rtsp) cable.plug();
      webCable.plug();
      for (const camera of all) camera.returned();
    },
  ],
  [
    'stream stalled for 9 s',
    async () => {
      silent = true;
      await Promise.all(rtsp.map(({ server }) => server.command('stall')));
      await wait(9000);
      silent = false;
      await Promise.all(rtsp.map(({ server }) => server.command('go')));
      for (const camera of all) camera.returned();
    },
  ],
  [
    'resolution changed',
    async () => void (await Promise.all(rtsp.map(({ server }) => server.command('swap')))),
  ],
];

const endMs = clock.monotonicMs() + minutes * 60_000;
await wait(10_000);
for (let i = 0; clock.monotonicMs() < endMs - 35_000; i++) {
  const [name, make] = troubles[i % troubles.length] ?? troubles[0]!;
  console.log(`${(minutes * 60 - (endMs - clock.monotonicMs()) / 1000).toFixed(0)} s: ${name}`);
  await make();
  await wait(20_000);
}
while (clock.monotonicMs() < endMs) await wait(1000);
clearInterval(sender);
const sources = [...rtsp.map(({ source }) => source), mjpeg.source];
for (const [i, camera] of all.entries()) {
  const { name, frames, gaps, backwards, sizes, losses, back } = camera;
  const health = sources[i]?.health?.();
  const counted = new Map<string, number>();
  for (const one of losses) counted.set(one, (counted.get(one) ?? 0) + 1);
  const reasons = [...counted];
  console.log(
    JSON.stringify(
      {
        name,
        frames,
        gaps,
        backwards,
        sizes: [...sizes],
        reasons,
        backMs: back.map(Math.round),
        worstBackMs: Math.round(Math.max(...back)),
        health,
      },
      undefined,
      1,
    ),
  );
}
console.log(JSON.stringify({ rssMb: Math.round(process.memoryUsage().rss / 1e6) }));
for (const source of sources) await source.close();
for (const { server, cable } of rtsp) {
  await server.stop();
  await cable.close();
}
await webCable.close();
await web.close();
process.exit(0);
