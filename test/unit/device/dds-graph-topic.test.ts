import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GraphTopic } from '../../../device/dds/graph-topic.ts';
import type { DdsAddon } from '../../../native/index.ts';
import { readParticipantEntities } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const guid = new Uint8Array(16).fill(3);

/** A middleware whose lock may be held: then it takes no message. */
function graph() {
  const middleware = { busy: false, closed: false, tries: 0, lock: (_tries: number) => {} };
  const said: string[][] = [];
  class Writer {
    write(bytes: Uint8Array): boolean {
      if (middleware.closed) return false;
      middleware.tries += 1;
      middleware.lock(middleware.tries);
      if (middleware.busy) return false;
      const { nodes } = readParticipantEntities(bytes, 16);
      said.push(nodes.filter(({ namespace }) => namespace !== '').map(({ name }) => name));
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
    expect(said.at(-1)).toEqual(['second']);
    expect(said).not.toContainEqual(['first']);
    const before = said.length;
    vi.advanceTimersByTime(5000);
    expect(said).toHaveLength(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has its last word before it ends, though the lock is held for a moment', () => {
    const { middleware, said, tell, topic } = graph();
    tell('goshawk');
    expect(said.at(-1)).toEqual(['goshawk']);
    middleware.busy = true;
    tell();
    expect(said.at(-1)).toEqual(['goshawk']);
    const before = middleware.tries;
    middleware.lock = (tries) => {
      middleware.busy = tries < before + 6;
    };
    topic.close();
    expect(said.at(-1)).toEqual([]);
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
