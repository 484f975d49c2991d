import { describe, expect, it } from 'vitest';
import { V4l2FrameSource, type V4l2Options } from '../../../../device/v4l2/index.ts';
import { errors, ioctls } from '../../../../device/v4l2/structs.ts';
import type { GoshawkError } from '../../../../src/base/index.ts';
import { parseV4l2 } from '../../../../src/runtime/sources/v4l2-spec.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeVideoNode } from '../../../fakes/fake-video-node.ts';
import { jpegHead } from '../../../fixtures/cameras/http-camera.ts';
import { NotingReceiver } from '../../adapters/replay/receiver.ts';

class Losses extends NotingReceiver {
  readonly losses: GoshawkError[] = [];
  lost(error: GoshawkError): void {
    this.losses.push(error);
  }
}

function camera(over: Partial<V4l2Options> = {}, node = new FakeVideoNode()) {
  const clock = new FakeClock();
  const source = new V4l2FrameSource({
    ...{ camera: 'front', clock, path: '/dev/video0', monotonicNs: () => node.monotonicNs },
    openNode: () => node,
    ...over,
  });
  return { source, node, clock, receiver: new Losses() };
}

const refusal = async (over: Partial<V4l2Options>, node?: FakeVideoNode) => {
  const { source, receiver, node: used } = camera(over, node);
  const error = (await source.open(receiver).catch((thrown: unknown) => thrown)) as GoshawkError;
  expect(used.closed).toBe(true);
  return error;
};

describe('A camera of V4L2', () => {
  it('gives its pictures where the driver put them, stamped with when the driver took them', async () => {
    const { source, node, clock, receiver } = camera({ format: 'yuyv' });
    await source.open(receiver);
    node.picture();
    expect(receiver.frames[0]).toMatchObject({ width: 4, height: 2, step: 8, encoding: 'yuyv', sequence: 0 });
    expect(receiver.frames[0]?.pixels.data.buffer).toBe(node.memory[0]?.buffer);
    expect(clock.wallNs() - receiver.frames[0]!.stampNs).toBe(8_000_000n);
    await source.close();
    expect([node.streaming, node.closed]).toEqual([false, true]);
  });

  it('gives buffers back with their pictures, and shows as a gap what the driver had no buffer for', async () => {
    const { source, node, receiver } = camera({ format: 'yuyv' });
    await source.open(receiver);
    for (let i = 0; i < 6; i++) node.picture();
    expect(receiver.frames.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    for (const { pixels } of receiver.frames) pixels.release();
    for (const { pixels } of receiver.frames) pixels.release();
    expect(node.queued).toHaveLength(4);
    node.picture();
    expect(receiver.frames.at(-1)?.sequence).toBe(6);
    await source.close();
  });

  it.each([
    ['of another clock', 0, 5_000_000_000n],
    ['of the future', 0x2000, 1_000_000_000_000n],
    ['of long ago', 0x2000, 1n],
  ])('takes the arrival where a stamp is %s', async (_what, flags, atNs) => {
    const { source, node, clock, receiver } = camera({ format: 'yuyv' });
    await source.open(receiver);
    node.picture(undefined, { flags, atNs });
    node.picture(undefined, { flags, atNs });
    const [first, second] = receiver.frames;
    expect(first?.stampNs).toBe(clock.wallNs());
    expect(second!.stampNs > first!.stampNs).toBe(true);
    await source.close();
  });

  it('leaves JPEG compressed, with the size in its header, and counts what is broken', async () => {
    const { source, node, receiver } = camera({ format: 'mjpeg', width: 1280, height: 720 });
    await source.open(receiver);
    node.picture(jpegHead(1280, 720));
    node.picture(Uint8Array.of(1, 2, 3));
    node.picture(jpegHead(1280, 720), { flags: 0x2040 });
    node.picture(jpegHead(640, 480));
    expect(receiver.frames.map(({ width, encoding, step }) => [width, encoding, step])).toEqual([
      [1280, 'jpeg', 0],
      [640, 'jpeg', 0],
    ]);
    expect(source.inputCounts()).toMatchObject({ decodeErrors: 2 });
    expect(node.queued).toHaveLength(2);
    await source.close();
  });

  it('takes the cheapest format where none is asked for', async () => {
    const { source, node, receiver } = camera();
    await source.open(receiver);
    node.picture();
    expect(receiver.frames[0]?.encoding).toBe('yuyv');
    await source.close();
  });

  it('sets controls by their names', async () => {
    const { source, node, receiver } = camera({ controls: { brightness: 7, exposure_auto: 1 } });
    await source.open(receiver);
    expect(node.controls.map(({ value }) => value)).toEqual([7, 1]);
    await source.close();
  });

  it('is lost when it is unplugged, told once', async () => {
    const { source, node, receiver } = camera();
    await source.open(receiver);
    node.picture();
    node.unplug();
    node.unplug();
    expect(receiver.losses.map(({ message }) => message)).toEqual(['/dev/video0 is lost: it was unplugged.']);
    receiver.frames[0]?.pixels.release();
    await source.close();
  });

  it.each<[string, Partial<V4l2Options>, RegExp, RegExp]>([
    [
      'a size that it has not',
      { format: 'yuyv', width: 1000, height: 700 },
      /does not give 1000x700/,
      /4x2, 640x480/,
    ],
    ['a format that it has not', { format: 'nv12' }, /does not give nv12/, /yuyv, mjpeg/],
    ['a control that it has not', { controls: { zoom: 1 } }, /no control zoom/, /brightness \(0 to 255\)/],
    ['a value that it does not take', { controls: { brightness: 900 } }, /no brightness of 900/, /0 to 255/],
  ])('refuses %s, and says what it has', async (_what, over, message, remedy) => {
    const error = await refusal(over);
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
  });

  it.each<[string, (node: FakeVideoNode) => void, string]>([
    ['is none', (node) => Object.assign(node, { captures: false }), 'v4l2-no-camera'],
    ['is in use', (node) => node.refusals.set(ioctls.REQBUFS, errors.EBUSY), 'v4l2-busy'],
    ['is gone', (node) => node.refusals.set(ioctls.S_FMT, errors.ENODEV), 'v4l2-absent'],
    ['is forbidden', (node) => node.refusals.set(ioctls.G_FMT, errors.EACCES), 'v4l2-permission'],
    ['breaks', (node) => node.refusals.set(ioctls.STREAMON, errors.EIO), 'v4l2-failed'],
    [
      'gives 0x0',
      (node) => Object.assign(node, { formats: [{ fourcc: 'YUYV', sizes: [[0, 0, 30]] }] }),
      'camera-picture-size',
    ],
    [
      'gives nothing that is read',
      (node) => Object.assign(node, { formats: [{ fourcc: 'H264', sizes: [] }] }),
      'v4l2-format',
    ],
  ])('that %s is refused in words', async (_what, spoil, code) => {
    const node = new FakeVideoNode();
    spoil(node);
    const error = await refusal({}, node);
    expect(error.code).toBe(code);
    expect(error.remedy).not.toBe('');
  });
});

describe('The source of a V4L2 camera', () => {
  it('names device, size, rate, format and controls', () => {
    expect(parseV4l2('v4l2:/dev/video0?size=1280x720&fps=30&format=mjpeg&brightness=-3')).toEqual({
      ...{ path: '/dev/video0', width: 1280, height: 720, fps: 30, format: 'mjpeg' },
      controls: { brightness: -3 },
    });
  });

  it.each([
    'v4l2:',
    'v4l2:/etc/passwd',
    'v4l2:/dev/video0?size=9',
    'v4l2:/dev/video0?fps=x',
    'v4l2:/dev/video0?Zoom=a',
  ])('that is wrong is refused in words: %s', (spec) => {
    expect(() => parseV4l2(spec)).toThrow(/is not valid/);
  });
});
