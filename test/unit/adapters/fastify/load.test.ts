import { afterEach, beforeEach, expect, test } from 'vitest';
import { Served, until } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open({ requestsPerToken: 1 });
});
afterEach(() => served.close());

test('heavy requests of one token run one after the other and are refused beyond the line; others go on', async () => {
  const events = served.store.events.bind(served.store);
  let running = 0;
  let most = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  served.store.events = async (query) => {
    running += 1;
    most = Math.max(most, running);
    await held;
    running -= 1;
    return events(query);
  };
  const answers: number[] = [];
  const ask = async () => {
    const response = await served.fetch('/api/v1/events?limit=1000', 'viewer');
    answers.push(response.status);
    return response.json();
  };
  const all = Array.from({ length: 40 }, ask);
  await until(() => answers.length === 7);
  expect(answers).toEqual(Array(7).fill(429));
  expect((await served.fetch('/api/v1/fleet', 'viewer')).status).toBe(200);
  expect((await served.fetch('/healthz', undefined)).status).toBe(200);
  const other = served.fetch('/api/v1/events', 'operator');
  await until(() => most === 2);
  release();
  const bodies = await Promise.all(all);
  expect((await other).status).toBe(200);
  expect(answers.filter((status) => status === 200)).toHaveLength(33);
  expect(most).toBe(2);
  expect(bodies.find((body) => 'code' in (body as object))).toMatchObject({
    code: 'too-many-requests',
    remedy: expect.stringContaining('Wait'),
  });
});

test('a reader that goes away while it waits leaves its turn to the next', async () => {
  const events = served.store.events.bind(served.store);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  served.store.events = (query) => held.then(() => events(query));
  const leaving = new AbortController();
  const first = served.fetch('/api/v1/events', 'viewer');
  const gone = served.fetch('/api/v1/events', 'viewer', { signal: leaving.signal }).catch(() => 'gone');
  const last = served.fetch('/api/v1/events', 'viewer');
  leaving.abort();
  expect(await gone).toBe('gone');
  release();
  expect((await first).status).toBe(200);
  expect((await last).status).toBe(200);
});

test('a token has so many streams, and a new one when one has ended', async () => {
  const streams: AbortController[] = [];
  const open = async () => {
    const stream = new AbortController();
    const { status } = await served.fetch('/api/v1/stream', 'viewer', { signal: stream.signal });
    streams.push(stream);
    return status;
  };
  for (let i = 0; i < 64; i++) expect(await open()).toBe(200);
  expect(await open()).toBe(429);
  streams[0]?.abort();
  let status = 429;
  while (status !== 200) status = await open();
  for (const stream of streams) stream.abort();
});
