import { describe, expect, it } from 'vitest';
import {
  type BatchedFrame,
  type FrameBatch,
  FrameBatcher,
  unpackFrames,
} from '../../../../src/adapters/learning/frame-batch.ts';
import type { PerceptionResult, TrackedDetection } from '../../../../src/perception/index.ts';
import { digest, otherDigest, ToyCamera } from '../../drift/toy-camera.ts';

function boxes(count: number): TrackedDetection[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{
      classId: i % 3,
      label: ['car', 'person', 'truck'][i % 3]!,
      score: i === 1 ? Number.NaN : 0.1 + i / 1000,
    },
    box: { x1: i, y1: i + 0.5, x2: i + 10.25, y2: i + 20 },
    ...(i % 2 === 0 ? { trackId: i + 7 } : {}),
    ...(i % 5 === 3 ? { unwatched: true as const } : {}),
  }));
}

/** Feeds frames and collects all that comes out. */
function batchesOf(frames: readonly { result: PerceptionResult; atMs: number }[]): FrameBatch[] {
  const { thumbnail } = new ToyCamera(1).next();
  const batcher = new FrameBatcher();
  const batches = frames.map(({ result, atMs }) => batcher.add(thumbnail, result, atMs));
  return [...batches, batcher.take()].filter((batch) => batch !== undefined);
}

function frame(atMs: number, detections: TrackedDetection[] = [], modelDigest = digest) {
  const { result } = new ToyCamera(1).next({ digest: modelDigest });
  return { atMs, result: { ...result, detections, stampNs: 1_700_000_000_123_456_789n } };
}

describe('A batch of frames', () => {
  it('brings what tasks say of their answers, each model with its names', () => {
    const said = [
      undefined,
      { names: ['a', 'b'], values: [0.5, Number.NaN], mix: [['sky', 0.25] as const, ['car', 0.75] as const] },
      { names: ['a', 'b'], values: [1, 2] },
      { names: ['c'], values: [3], mix: [] },
    ];
    const sent = said.map((answer, i) => {
      const { result, atMs } = frame(i, boxes(2));
      return { atMs, result: { ...result, ...(answer === undefined ? {} : { answer }) } };
    });
    const received = batchesOf(sent).flatMap((batch) => unpackFrames(batch));
    expect(received.map(({ result }) => result.answer)).toEqual(said);
  });

  it('brings embeddings, of any length, and of some frames alone', () => {
    const plain = frame(0, boxes(2));
    const of = (length: number) => Float32Array.from({ length }, (_, i) => i / 8 + length);
    const sent = [
      plain,
      { ...plain, atMs: 10, result: { ...plain.result, embedding: of(96) } },
      { ...plain, atMs: 20, result: { ...plain.result, embedding: of(2048) } },
      { ...plain, atMs: 30 },
      ...Array.from({ length: 50 }, (_, i) => ({
        ...{ ...plain, atMs: 40 + i },
        result: { ...plain.result, embedding: of(2048) },
      })),
    ];
    const batches = batchesOf(sent);
    // The first that comes with one has the room of a batch that had none.
    expect(batches.length).toBeLessThan(7);
    const received = batches.flatMap((batch) => unpackFrames(batch));
    expect(received.map(({ atMs }) => atMs)).toEqual(sent.map(({ atMs }) => atMs));
    for (const [i, { result }] of received.entries()) {
      const { embedding } = sent[i]!.result as PerceptionResult;
      expect(result.embedding && [...Array.from(result.embedding)]).toEqual(
        embedding && Array.from(embedding),
      );
      expect(result.detections).toHaveLength(2);
    }
  });

  it('brings every frame as it was', () => {
    const camera = new ToyCamera(3);
    const batcher = new FrameBatcher();
    const sent: BatchedFrame[] = [];
    for (let i = 0; i < 3; i++) {
      const { thumbnail, result, atMs } = camera.next();
      const detections = boxes(2 * i);
      expect(batcher.add(thumbnail, { ...result, detections }, atMs)).toBeUndefined();
      sent.push({ thumbnail, result: { ...result, detections }, atMs });
    }
    const received = [...unpackFrames(batcher.take()!)];
    expect(received).toHaveLength(sent.length);
    for (const [i, { thumbnail, result, atMs }] of sent.entries()) {
      const { detections } = result;
      expect(received[i]).toMatchObject({
        thumbnail,
        atMs,
        result: {
          ...{ stampNs: result.stampNs, width: result.width, height: result.height },
          ...{ candidates: result.candidates, identity: { digest } },
          detections: detections.map(({ classId: _, ...rest }) => rest),
        },
      });
      expect(received[i]!.result.detections.map(({ trackId }) => trackId)).toEqual(
        detections.map(({ trackId }) => trackId),
      );
      const unwatched = received[i]!.result.detections.map((one) => one.unwatched === true);
      expect(unwatched).toEqual(detections.map((_, box) => box % 5 === 3));
    }
  });

  it('is sent when a second is over, or earlier when it is full', () => {
    const slow = batchesOf(Array.from({ length: 25 }, (_, i) => frame(i * 100)));
    expect(slow.map(({ frames }) => frames)).toEqual([11, 11, 3]);
    const fast = batchesOf(Array.from({ length: 70 }, (_, i) => frame(i)));
    expect(fast.map(({ frames }) => frames)).toEqual([24, 24, 22]);
  });

  it('holds frames of one model', () => {
    const batches = batchesOf([frame(0), frame(33), frame(66, [], otherDigest)]);
    expect(batches.map(({ model }) => model.digest)).toEqual([digest, otherDigest]);
    expect(batches.map(({ frames }) => frames)).toEqual([2, 1]);
  });

  it('has room for a frame with more boxes than any before', () => {
    const batches = batchesOf([frame(0, boxes(5)), frame(33, boxes(3000)), frame(66, boxes(1))]);
    const received = batches.flatMap((batch) => unpackFrames(batch));
    expect(received.map(({ result }) => result.detections.length)).toEqual([5, 3000, 1]);
    expect(received.map(({ atMs }) => atMs)).toEqual([0, 33, 66]);
    expect(received[1]!.result.detections[2999]).toMatchObject({ label: 'truck', box: { x1: 2999 } });
  });

  it('that waits is not written over, and its memory is used again after it was unpacked', () => {
    const batcher = new FrameBatcher();
    const { thumbnail, result } = new ToyCamera(1).next();
    const batchAt = (atMs: number): FrameBatch => {
      batcher.add(thumbnail, result, atMs);
      return batcher.take()!;
    };
    const waiting = [batchAt(1), batchAt(2), batchAt(3)];
    expect(new Set(waiting.map(({ memory }) => memory)).size).toBe(3);
    expect(waiting.flatMap((batch) => unpackFrames(batch)).map(({ atMs }) => atMs)).toEqual([1, 2, 3]);
    const known = new Set(waiting.map(({ memory }) => memory));
    for (let atMs = 4; atMs < 50; atMs++) {
      const batch = batchAt(atMs);
      unpackFrames(batch);
      known.add(batch.memory);
    }
    expect(known.size).toBe(4);
  });

  it('without frames is empty', () => {
    expect(new FrameBatcher().take()).toBeUndefined();
  });
});
