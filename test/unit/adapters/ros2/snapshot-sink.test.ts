import { describe, expect, it } from 'vitest';
import { RosSnapshotSink, type TakeSnapshot } from '../../../../src/adapters/ros2/index.ts';
import type { Frame, PerceptionResult } from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

const pixels = Uint8Array.of(1, 2, 3);
const frame = {
  ...{ camera: 'front', sequence: 0, stampNs: 7n, frameId: 'optical', width: 1, height: 1, step: 3 },
  ...{ encoding: 'rgb8', pixels: { data: pixels, release: () => {} } },
} as unknown as Frame;
const result = (camera = 'front') =>
  ({ camera, stampNs: 7n, frameId: 'optical', detections: [] }) as unknown as PerceptionResult;

function served(cameras = ['front'], take?: TakeSnapshot) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const taken: { data: Uint8Array; annotated: boolean }[] = [];
  const sink = new RosSnapshotSink({
    ...{ node: graph.join({ namespace: '/', name: 'goshawk' }), clock, cameras },
    take:
      take ??
      (async ({ data }, _, { annotated }) => {
        taken.push({ data, annotated });
        return Uint8Array.of(255, 216);
      }),
  });
  const ask = async (camera = '', annotated = true) => {
    const answer = graph.call('/goshawk/snapshot', 'goshawk_msgs/srv/Snapshot', { camera, annotated });
    await settle();
    return { answer };
  };
  return { sink, clock, taken, ask };
}

describe('~/snapshot', () => {
  it('gives the next picture with its stamp, and copies none that nobody asked for', async () => {
    const { sink, taken, ask } = served();
    sink.publish(result(), frame);
    expect(taken).toEqual([]);
    const { answer } = await ask();
    sink.publish(result(), frame);
    expect(await answer).toEqual({
      ...{ success: true, message: '' },
      picture: { header: { stampNs: 7n, frameId: 'optical' }, format: 'jpeg', data: Uint8Array.of(255, 216) },
    });
    expect(taken[0]?.data).toEqual(pixels);
    expect(taken[0]?.data).not.toBe(pixels);
  });

  it('makes one picture for all that ask for the same', async () => {
    const { sink, taken, ask } = served();
    const all = [await ask(), await ask(), await ask('front', false)];
    sink.publish(result(), frame);
    for (const { answer } of all) expect((await answer)?.success).toBe(true);
    expect(taken.map(({ annotated }) => annotated)).toEqual([true, false]);
  });

  it.each([
    ['', ['front', 'rear'], 'There is no camera "" to take a picture of. Name one of front, rear.'],
    ['left', ['front'], 'There is no camera "left"'],
    ['x'.repeat(5000), ['front'], `There is no camera "${'x'.repeat(64)}"`],
  ])('refuses the camera %s', async (camera, cameras, sentence) => {
    const { ask } = served(cameras);
    const answer = await (await ask(camera)).answer;
    expect(answer?.success).toBe(false);
    expect(answer?.message).toContain(sentence);
  });

  it('says that a camera gives none', async () => {
    const { sink, clock, ask } = served(['front', 'rear']);
    const { answer } = await ask('rear');
    sink.publish(result('front'), frame);
    clock.advance(5000);
    expect((await answer)?.message).toContain('The camera rear gave no picture in 5 s');
  });

  it('lets four wait at once', async () => {
    const { sink, ask } = served();
    const waiting = [await ask(), await ask(), await ask(), await ask()];
    expect((await (await ask()).answer)?.message).toContain('Too many clients ask');
    sink.publish(result(), frame);
    for (const { answer } of waiting) expect((await answer)?.success).toBe(true);
    const { answer } = await ask();
    sink.publish(result(), frame);
    expect((await answer)?.success).toBe(true);
  });

  it('gives sixty pictures a minute, and says to whom more are not enough', async () => {
    const { sink, clock, ask } = served();
    const said: string[] = [];
    for (let turn = 0; turn < 61; turn++) {
      const { answer } = await ask();
      sink.publish(result(), frame);
      said.push(((await answer) as { message: string }).message);
    }
    expect(said.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => ''));
    expect(said[60]).toMatch(/More than 60 pictures a minute/);
    await clock.pass(2_000);
    const { answer } = await ask();
    sink.publish(result(), frame);
    expect(await answer).toMatchObject({ success: true });
  });

  it('tells why a picture could not be made', async () => {
    const { sink, ask } = served(['front'], async () => {
      throw new Error('broken');
    });
    const { answer } = await ask();
    sink.publish(result(), frame);
    expect(await answer).toEqual({ success: false, message: 'broken' });
  });
});
