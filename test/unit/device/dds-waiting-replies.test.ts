import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ReplyWriter, WaitingReplies } from '../../../device/dds/waiting-replies.ts';

const reply = (client: number) => ({ bytes: Uint8Array.of(client), reader: Uint8Array.of(client) });
/** Of a client that does not say where it listens. */
const open = (client: number) => ({ bytes: Uint8Array.of(client), reader: undefined });

/** The middleware can't send to it. */
const broken = 66;

/** A writer whose readers come and go. */
function writer() {
  const readers = new Set<number>();
  const sent: number[] = [];
  const state = { taken: true };
  const ends: ReplyWriter = {
    reaches: ([client = -1]) => readers.has(client),
    write: ([client = -1]) => {
      if (client === broken) throw new Error('no memory');
      if (state.taken) sent.push(client);
      return state.taken;
    },
  };
  const failed: unknown[] = [];
  return { readers, sent, state, failed, replies: new WaitingReplies(ends, (error) => failed.push(error)) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Replies of a service', () => {
  it('wait for the reader of the client, and go once', () => {
    const { replies, readers, sent } = writer();
    replies.send(reply(1));
    expect(sent).toEqual([]);
    readers.add(1);
    replies.retry();
    replies.retry();
    expect(sent).toEqual([1]);
  });

  it('of clients that went for good keep no later one from being answered', () => {
    const { replies, readers, sent } = writer();
    for (let client = 1; client <= 40; client += 1) replies.send(reply(client));
    replies.send(reply(99));
    readers.add(99);
    replies.retry();
    expect(sent).toEqual([99]);
  });

  it('go again where the middleware did not take them, and not without an end', () => {
    const { replies, readers, sent, state, failed } = writer();
    readers.add(1);
    state.taken = false;
    replies.send(reply(1));
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([]);
    state.taken = true;
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([1]);
    state.taken = false;
    replies.send(reply(1));
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(failed).toMatchObject([{ code: 'ros-reply-not-taken' }]);
    state.taken = true;
    replies.retry();
    expect(sent).toEqual([1]);
  });

  it('whose client went after they were refused are told, and not looked after without an end', () => {
    const { replies, readers, sent, state, failed } = writer();
    readers.add(1);
    state.taken = false;
    replies.send(reply(1));
    readers.delete(1);
    state.taken = true;
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(failed).toMatchObject([{ code: 'ros-reply-not-taken' }]);
    expect(sent).toEqual([]);
  });

  it.each([
    ['a thousand', 1005, 1],
    ['two mebibytes', 7, 1 << 20],
  ])('that were refused are told where newer ones take their place: %s wait', (_, count, size) => {
    const { replies, sent, state, failed } = writer();
    state.taken = false;
    for (let client = 1; client <= count; client += 1)
      replies.send({ bytes: new Uint8Array(size).fill(client % 60), reader: undefined });
    expect(failed).toMatchObject(new Array(5).fill({ code: 'ros-reply-not-taken' }));
    state.taken = true;
    vi.advanceTimersByTime(100);
    expect(sent).toEqual(Array.from({ length: count - 5 }, (_, at) => (at + 6) % 60));
    expect(failed).toHaveLength(5);
  });

  it('go at once where nobody knows for which reader to wait', () => {
    const { replies, sent } = writer();
    replies.send(open(1));
    expect(sent).toEqual([1]);
  });

  it('that cannot be sent are told, and hold up no other', () => {
    const { replies, readers, sent, failed } = writer();
    replies.send(reply(broken));
    replies.send(reply(1));
    readers.add(broken).add(1);
    replies.retry();
    expect(sent).toEqual([1]);
    expect(failed).toEqual([new Error('no memory')]);
  });

  it('that wait hold no timer, and are gone when it is closed', () => {
    const { replies, readers, sent, state } = writer();
    replies.send(reply(1));
    expect(vi.getTimerCount()).toBe(0);
    readers.add(1);
    state.taken = false;
    replies.retry();
    expect(vi.getTimerCount()).toBe(1);
    replies.close();
    expect(vi.getTimerCount()).toBe(0);
    state.taken = true;
    replies.retry();
    expect(sent).toEqual([]);
  });
});
