import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeVideo, VideoFrameSource } from '../../../../src/adapters/ffmpeg/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { NotingReceiver } from '../replay/receiver.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const title = hasFfmpeg ? 'A video as a camera' : 'A video as a camera (skipped: ffmpeg is not installed)';

/** Some seconds of a test card, as any codec. */
function video(name: string, ...args: readonly string[]): string {
  const path = join(temporaryFolder(), name);
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=1.2'];
  execFileSync('ffmpeg', ['-v', 'error', ...source, ...args, path]);
  return path;
}

async function play(path: string, options: object = {}): Promise<NotingReceiver> {
  const receiver = new NotingReceiver((frame) => frame.pixels.release());
  const source = new VideoFrameSource(path, { clock: new FakeClock(), ...options });
  await source.open(receiver);
  await receiver.ended;
  await source.close();
  return receiver;
}

/** Child processes of this process that run ffmpeg, zombies too. */
function ffmpegChildren(): number {
  const tasks = readdirSync(`/proc/${process.pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${process.pid}/task/${task}/children`, 'utf8').trim().split(/\s+/),
  );
  return children.filter((pid) => {
    const status = `/proc/${pid}/comm`;
    return pid !== '' && existsSync(status) && readFileSync(status, 'utf8').trim() === 'ffmpeg';
  }).length;
}

describe.skipIf(!hasFfmpeg)(title, () => {
  it('gives every frame once, as rgb8 in shared memory', async () => {
    const { frames, faults, ends } = await play(video('card.mp4'));
    expect(frames).toHaveLength(12);
    expect(frames[0]).toMatchObject({ width: 64, height: 48, step: 192, encoding: 'rgb8' });
    expect(frames[0]?.pixels.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(frames.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect([faults, ends]).toEqual([[], 1]);
  });

  it('gives the pixels that are in the file', async () => {
    const path = video('red.avi', '-vf', 'drawbox=c=red:t=fill', '-c:v', 'rawvideo', '-pix_fmt', 'bgr24');
    let pixel: number[] = [];
    const receiver = new NotingReceiver((frame) => {
      pixel = [...frame.pixels.data.subarray(0, 3)];
    });
    const source = new VideoFrameSource(path, { clock: new FakeClock(), limit: 1 });
    await source.open(receiver);
    await receiver.ended;
    await source.close();
    expect(pixel[0]).toBeGreaterThan(240);
    expect(Math.max(pixel[1] ?? 255, pixel[2] ?? 255)).toBeLessThan(10);
  });

  it('goes round with loop, up to the limit, and leaves no process behind', async () => {
    const { frames } = await play(video('card.avi'), { loop: true, limit: 30 });
    expect(frames).toHaveLength(30);
    expect(ffmpegChildren()).toBe(0);
  });

  it('ends its process when it is closed in the middle', async () => {
    const receiver = new NotingReceiver(() => new Promise((resolve) => setTimeout(resolve, 5)));
    const source = new VideoFrameSource(video('card.avi', '-vf', 'scale=640:480'), {
      clock: new FakeClock(),
      loop: true,
    });
    await source.open(receiver);
    while (receiver.frames.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ffmpegChildren()).toBe(1);
    await source.close();
    expect(ffmpegChildren()).toBe(0);
    expect(receiver.ends).toBe(0);
  });

  it('tells size, rate, codec and the turned size of a portrait video', async () => {
    expect(await probeVideo(video('card.avi'))).toMatchObject({
      width: 64,
      height: 48,
      fps: 10,
      codec: 'mpeg4',
    });
    const flat = video('flat.mp4');
    const turned = join(temporaryFolder(), 'turned.mp4');
    execFileSync('ffmpeg', ['-v', 'error', '-display_rotation', '90', '-i', flat, '-c', 'copy', turned]);
    expect(await probeVideo(turned)).toMatchObject({ width: 48, height: 64 });
    expect((await play(turned)).frames[0]).toMatchObject({ width: 48, height: 64 });
  });

  it('tells a file that is cut short, and still gives what is in it', async () => {
    const path = video('card.avi', '-c:v', 'mjpeg');
    writeFileSync(path, readFileSync(path).subarray(0, 20_000));
    const { frames, faults, ends } = await play(path);
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.length).toBeLessThan(12);
    expect(faults.length).toBeLessThanOrEqual(1);
    expect(ends).toBe(1);
  });

  it.each([
    ['is noise', 'noise.mp4', Buffer.alloc(5000, 7), 'video-broken'],
    ['is empty', 'empty.mp4', Buffer.alloc(0), 'video-broken'],
  ])('refuses a file that %s', async (_what, name, bytes, code) => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, bytes);
    const error = await probeVideo(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(name);
  });

  it('refuses a file with sound alone', async () => {
    const path = join(temporaryFolder(), 'sound.wav');
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=0.1', path]);
    await expect(probeVideo(path)).rejects.toMatchObject({ code: 'video-no-stream' });
  });

  it('names a codec that this ffmpeg does not have', async () => {
    // The code of the codec is overwritten with one that nobody knows.
    const path = video('card.avi', '-c:v', 'mjpeg');
    const bytes = readFileSync(path);
    for (let at = bytes.indexOf('MJPG'); at >= 0; at = bytes.indexOf('MJPG')) bytes.write('QQQQ', at);
    writeFileSync(path, bytes);
    const error = await probeVideo(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'video-codec' });
    expect((error as { remedy: string }).remedy).toContain('convert');
  });
});

describe('A machine without ffmpeg', () => {
  it('says so and what to install', async () => {
    const path = join(temporaryFolder(), 'a.mp4');
    writeFileSync(path, 'x');
    const error = await probeVideo(path, '/nowhere/ffprobe').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ffmpeg-missing' });
    expect((error as { remedy: string }).remedy).toContain('apt-get install ffmpeg');
  });
});
