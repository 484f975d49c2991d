import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { callService } from '../../../device/dds/service-call.ts';
import type { DdsReaderHandle, DdsTaken } from '../../../native/index.ts';
import { callCodec } from '../../../src/ros2/index.ts';

/** A service that is there, behind a middleware that takes a request or not. */
function ends(write: () => boolean, matched?: () => number) {
  const open = { readers: 0, writers: 0 };
  const close = (which: keyof typeof open) => {
    open[which] -= 1;
  };
  let notice: (reader: DdsReaderHandle) => void = () => {};
  let waiting: DdsTaken | null = null;
  const reader = {
    ...{ guid: () => new Uint8Array(16), release: () => {}, gather: () => {} },
    take: () => {
      const taken = waiting;
      waiting = null;
      return taken;
    },
    close: () => {},
  };
  const none = { samples: [], gaveWay: [], events: [], superseded: 0, tooLarge: 0, largest: 0 };
  /** Without a word: the middleware tells of no message that it did not take. */
  const lies = (taken: Partial<DdsTaken>) => {
    waiting = { ...none, ...taken };
  };
  const hear = (taken: Partial<DdsTaken>) => {
    lies(taken);
    notice(reader);
  };
  const wire = {
    ...{ userData: () => '', ask: () => ({ bytes: new Uint8Array(8) }) },
    answer: () => ({ success: true, message: 'on' }),
  };
  const call = callService(
    {
      wire: wire as never,
      openReader: (onNotice) => {
        notice = onNotice;
        open.readers += 1;
        return { reader, close: () => close('readers') };
      },
      openWriter: () => {
        open.writers += 1;
        const writer = { write, matched: matched ?? (() => open.writers), guid: () => new Uint8Array(16) };
        return { writer: writer as never, close: () => close('writers') };
      },
    },
    '/light/enable',
    callCodec('std_srvs/srv/SetBool', { data: true }),
    10_000,
  );
  hear({ samples: [], events: [{ kind: 'matched', count: 1, policy: '' }] });
  return { call, open, hear, lies };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('A request that the middleware did not take goes again, once it does, and once', async () => {
  let written = 0;
  let free = false;
  const { call, open, hear } = ends(() => {
    if (free) written += 1;
    return free;
  });
  vi.advanceTimersByTime(200);
  free = true;
  vi.advanceTimersByTime(5000);
  expect(written).toBe(1);
  hear({ samples: [{ id: 1, bytes: new Uint8Array(8) }], events: [] });
  await expect(call).resolves.toEqual({ success: true, message: 'on' });
  expect(open).toEqual({ readers: 0, writers: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

it('A request that cannot be sent ends the call with its reason', async () => {
  const { call, open } = ends(() => {
    throw new Error('no memory');
  });
  await expect(call).rejects.toThrow('no memory');
  expect(open).toEqual({ readers: 0, writers: 0 });
});

it('A request that is never taken ends as one without an answer', async () => {
  const { call, open } = ends(() => false);
  const ended = expect(call).rejects.toMatchObject({ code: 'ros-call-unanswered' });
  vi.advanceTimersByTime(10_000);
  await ended;
  expect(open).toEqual({ readers: 0, writers: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

it('What goes wrong on a timer or in a callback ends the call, not the process', async () => {
  let broken = false;
  const { call, open } = ends(
    () => false,
    () => {
      if (broken) throw new Error('the writer is gone');
      return 1;
    },
  );
  broken = true;
  const ended = expect(call).rejects.toThrow('the writer is gone');
  expect(() => vi.advanceTimersByTime(20)).not.toThrow();
  await ended;
  expect(open).toEqual({ readers: 0, writers: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

it('An answer over the size limit is reported as such, so that callers do not retry', async () => {
  const { call, lies } = ends(() => true);
  lies({ tooLarge: 1, largest: 300_000 });
  const ended = expect(call).rejects.toMatchObject({
    code: 'ros-answer-too-large',
    message: expect.stringMatching(/was called.* 300000 bytes/),
    remedy: expect.stringContaining('do not call it again'),
  });
  vi.advanceTimersByTime(10_000);
  await ended;
});

it('An answer to another caller that is too large does not block ours', async () => {
  const { call, hear } = ends(() => true);
  hear({ tooLarge: 1, largest: 300_000 });
  hear({ tooLarge: 1, largest: 300_000, samples: [{ id: 1, bytes: new Uint8Array(8) }] });
  await expect(call).resolves.toEqual({ success: true, message: 'on' });
});

it('A service that was never asked answers nobody, however large', async () => {
  const { call, hear } = ends(() => false);
  hear({ tooLarge: 1, largest: 300_000 });
  const ended = expect(call).rejects.toMatchObject({ code: 'ros-call-unanswered' });
  vi.advanceTimersByTime(10_000);
  await ended;
});
