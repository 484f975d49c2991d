import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { callService } from '../../../device/dds/service-call.ts';
import type { DdsReaderHandle, DdsTaken } from '../../../native/index.ts';
import { callCodec } from '../../../src/ros2/index.ts';

/** A service that is there, behind a middleware that takes a request or not. */
function ends(write: () => boolean) {
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
  const none = { superseded: 0, tooLarge: 0, largest: 0 };
  const hear = (taken: Pick<DdsTaken, 'samples' | 'events'>) => {
    waiting = { ...none, ...taken };
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
        const writer = { write, matched: () => open.writers, guid: () => new Uint8Array(16) };
        return { writer: writer as never, close: () => close('writers') };
      },
    },
    '/light/enable',
    callCodec('std_srvs/srv/SetBool', { data: true }),
    10_000,
  );
  hear({ samples: [], events: [{ kind: 'matched', count: 1, policy: '' }] });
  return { call, open, hear };
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

it('A request that can not be sent ends the call with its reason', async () => {
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
