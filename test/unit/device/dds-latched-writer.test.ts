import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LatchedWriter } from '../../../device/dds/latched-writer.ts';
import type { DdsWriterHandle } from '../../../native/index.ts';

const broken = 66;

/** A middleware that takes messages or not. */
function latched(depth: number) {
  const state = { taken: true, closed: false };
  const sent: number[] = [];
  const writer: DdsWriterHandle = {
    write: ([value = -1]) => {
      if (state.taken && value === broken) throw new Error('no memory');
      if (state.taken) sent.push(value);
      return state.taken;
    },
    close: () => {
      state.closed = true;
    },
    ...{ guid: () => new Uint8Array(16), reaches: () => true, matched: () => 1, take: () => [] },
  };
  const failed: unknown[] = [];
  return { state, sent, failed, writer: new LatchedWriter(writer, depth, (error) => failed.push(error)) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('What a latched topic says', () => {
  it('goes at once where the middleware takes it', () => {
    const { writer, sent } = latched(1);
    expect(writer.write(Uint8Array.of(1))).toBe(true);
    expect(sent).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes again until it is taken: the newest is never the one that is missing', () => {
    const { writer, sent, state } = latched(1);
    const memory = Uint8Array.of(1);
    state.taken = false;
    expect(writer.write(memory)).toBe(true);
    memory[0] = 2;
    expect(writer.write(memory)).toBe(true);
    memory[0] = 9;
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([]);
    state.taken = true;
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes in its order, as much of it as the topic keeps', () => {
    const { writer, sent, state } = latched(3);
    state.taken = false;
    for (let value = 1; value <= 5; value += 1) writer.write(Uint8Array.of(value));
    state.taken = true;
    writer.write(Uint8Array.of(6));
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([4, 5, 6]);
  });

  it('that cannot be sent is reported, and blocks no other', () => {
    const { writer, sent, state, failed } = latched(3);
    state.taken = false;
    writer.write(Uint8Array.of(broken));
    writer.write(Uint8Array.of(1));
    state.taken = true;
    expect(() => vi.advanceTimersByTime(1000)).not.toThrow();
    expect(failed).toEqual([new Error('no memory')]);
    expect(sent).toEqual([1]);
  });

  it('is tried once more when its writer ends, and holds up its end for a while only', () => {
    const { writer, sent, state } = latched(1);
    state.taken = false;
    writer.write(Uint8Array.of(1));
    state.taken = true;
    writer.close();
    expect(sent).toEqual([1]);
    const stuck = latched(1);
    stuck.state.taken = false;
    stuck.writer.write(Uint8Array.of(1));
    stuck.writer.close();
    expect(stuck.state.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after its end is not sent, and said to be so', () => {
    const { writer, sent } = latched(1);
    writer.close();
    writer.close();
    expect(writer.write(Uint8Array.of(1))).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    expect(sent).toEqual([]);
  });
});
