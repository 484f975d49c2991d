import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GraphTopic } from '../../../device/dds/graph-topic.ts';
import type { DdsAddon } from '../../../native/index.ts';
import { type GidSize, readAnnouncement } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const guid = new Uint8Array(16).fill(3);

/** A middleware whose lock may be held: then it takes no message. The environment names a release that is told in both sizes. */
function graph() {
  const middleware = { busy: false, closed: false, tries: 0, lock: (_tries: number) => {} };
  const said: { size: GidSize | undefined; names: readonly string[] | undefined }[] = [];
  class Writer {
    write(bytes: Uint8Array): boolean {
      if (middleware.closed) return false;
      middleware.tries += 1;
      middleware.lock(middleware.tries);
      if (middleware.busy) return false;
      const told = readAnnouncement(bytes);
      said.push({ size: told?.gidSize, names: told?.nodes.map(({ name }) => name) });
      return true;
    }
    close(): void {
      middleware.closed = true;
    }
  }
  class Reader {
    take() {
      return null;
    }
    close() {}
  }
  const participant = { guid: () => guid, writersOf: () => [], announcements: () => ({}), close() {} };
  const topic = new GraphTopic({
    addon: { DdsWriter: Writer, DdsReader: Reader } as unknown as DdsAddon,
    participant: participant as never,
    ...{ name: { namespace: '/', name: 'goshawk' }, product: 'Fast DDS', gidSize: 16 as const },
    log: new RecordingLog(),
  });
  const tell = (...names: readonly string[]) =>
    topic.tell(names.map((name) => ({ namespace: '/', name, readers: [], writers: [] })));
  return { middleware, said, topic, tell };
}

/** What is said of a node in both sizes, the one that Humble reads as none behind the other. */
const inBoth = (name: string) => [
  { size: 24, names: [name] },
  { size: 16, names: [`_${name}`, name] },
];
const lastWord = [
  { size: 24, names: [] },
  { size: 16, names: [] },
];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('What a node says of itself to the graph', () => {
  it('is said again until the middleware took it, and as it is by then', () => {
    const { middleware, said, tell } = graph();
    middleware.busy = true;
    tell('first');
    tell('second');
    vi.advanceTimersByTime(500);
    expect(said).toEqual([]);
    middleware.busy = false;
    vi.advanceTimersByTime(100);
    expect(said).toEqual(inBoth('second'));
    vi.advanceTimersByTime(5000);
    expect(said).toEqual(inBoth('second'));
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['first', 1, [{ size: 16, names: ['_goshawk', 'goshawk'] }]],
    ['second', 2, [{ size: 24, names: ['goshawk'] }]],
  ] as const)('is said again in both sizes where only the %s write was refused', (_, refused, taken) => {
    const { middleware, said, tell } = graph();
    middleware.lock = (tries) => {
      middleware.busy = tries === refused;
    };
    tell('goshawk');
    expect(said).toEqual(taken);
    vi.advanceTimersByTime(100);
    expect(said).toEqual([...taken, ...inBoth('goshawk')]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has its last word before it ends, though the lock is held for a moment', () => {
    const { middleware, said, tell, topic } = graph();
    tell('goshawk');
    expect(said).toEqual(inBoth('goshawk'));
    middleware.busy = true;
    tell();
    expect(said).toEqual(inBoth('goshawk'));
    const before = middleware.tries;
    middleware.lock = (tries) => {
      middleware.busy = tries < before + 6;
    };
    topic.close();
    expect(said.slice(-2)).toEqual(lastWord);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds up no end where the middleware takes nothing any more', () => {
    const { middleware, said, tell, topic } = graph();
    middleware.busy = true;
    tell();
    topic.close();
    vi.advanceTimersByTime(5000);
    expect(said).toEqual([]);
    expect(middleware.closed).toBe(true);
    expect(middleware.tries).toBeLessThan(50);
    expect(vi.getTimerCount()).toBe(0);
  });
});
