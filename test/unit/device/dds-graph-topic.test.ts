import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GraphTopic } from '../../../device/dds/graph-topic.ts';
import type { DdsAddon, DdsAnnounced, DdsEndpointOptions } from '../../../native/index.ts';
import {
  CdrWriter,
  type GidSize,
  readAnnouncement,
  writeParticipantEntities,
} from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const guid = new Uint8Array(16).fill(3);

/**
 * A middleware whose lock may be held: then it takes no message. Jazzy is a release that is told in both sizes while nobody is known;
 * `hear` is how a participant announces a node.
 */
function graph(gidSize: GidSize = 16) {
  const middleware = { busy: false, closed: false, tries: 0, lock: (_tries: number) => {} };
  const log = new RecordingLog();
  const writers: DdsAnnounced[] = [];
  const heard: Uint8Array[] = [];
  let marked = '';
  const said: { size: GidSize | undefined; names: readonly string[] | undefined }[] = [];
  class Writer {
    constructor(_: unknown, { userData }: DdsEndpointOptions) {
      marked = userData;
    }
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
  let notice = () => {};
  class Reader {
    constructor(_: unknown, __: unknown, onNotice: () => void) {
      notice = onNotice;
    }
    take() {
      return { samples: heard.splice(0).map((bytes, id) => ({ id, bytes })) };
    }
    release() {}
    close() {}
  }
  const participant = { guid: () => guid, writersOf: () => writers, announcements: () => ({}), close() {} };
  const topic = new GraphTopic({
    addon: { DdsWriter: Writer, DdsReader: Reader } as unknown as DdsAddon,
    participant: participant as never,
    ...{ name: { namespace: '/', name: 'goshawk' }, product: 'Fast DDS', gidSize, log },
  });
  const tell = (...names: readonly string[]) =>
    topic.tell(names.map((name) => ({ namespace: '/', name, readers: [], writers: [] })));
  const hear = (of: number, size: GidSize, userData: string) => {
    const participant = new Uint8Array(16).fill(of);
    writers.push({ guid: participant, type: '', userData });
    const nodes = [{ namespace: '/', name: `n${of}`, readers: [], writers: [] }];
    heard.push(writeParticipantEntities(new CdrWriter(), { participant, nodes }, size).slice());
    notice();
  };
  return { middleware, said, topic, tell, hear, log, marked };
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

  it('follows its neighbours, and not another one of Goshawk that is new; the log says so once that has settled', () => {
    const { said, tell, hear, log, marked, topic } = graph(24);
    tell('goshawk');
    hear(7, 24, marked);
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual([{ size: 24, names: ['goshawk'] }]);
    expect(log.at('info').filter(([message]) => message.includes('as its neighbours do'))).toEqual([]);
    hear(8, 16, 'typehash=RIHS01_0;');
    expect(said.at(-1)).toEqual({ size: 16, names: ['goshawk'] });
    vi.advanceTimersByTime(60_000);
    expect(log.at('info').at(-1)?.[1]).toEqual({ as: 'ROS 2 Iron and newer' });
    hear(9, 24, '');
    topic.close();
    expect(said.slice(-2)).toEqual(inBoth('goshawk'));
    vi.advanceTimersByTime(60_000);
    expect(log.at('warn')).toEqual([]);
  });

  it('ends nothing where the middleware fails: it is said again, and the log has it once', () => {
    const { middleware, said, tell, log } = graph();
    middleware.busy = true;
    tell('goshawk');
    middleware.lock = () => {
      throw new Error('write: out of resources');
    };
    vi.advanceTimersByTime(500);
    tell('renamed');
    vi.advanceTimersByTime(500);
    expect(log.at('warn').map(([, fields]) => fields?.reason)).toEqual(['write: out of resources']);
    middleware.lock = () => {};
    middleware.busy = false;
    vi.advanceTimersByTime(100);
    expect(said).toEqual(inBoth('renamed'));
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
