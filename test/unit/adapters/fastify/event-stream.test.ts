import { Writable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';
import { EventStream } from '../../../../src/adapters/fastify/event-stream.ts';
import { sendUpdate } from '../../../../src/adapters/fastify/send-update.ts';
import type { FleetUpdate } from '../../../../src/controller/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';

/** A connection whose reader takes nothing until it is asked to. */
class Connection extends Writable {
  readonly read: string[] = [];
  #taken: (() => void) | undefined;
  #slow = true;

  writeHead(): void {}

  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.read.push(chunk.toString());
    if (this.#slow) this.#taken = taken;
    else setImmediate(taken);
  }

  async readAll(): Promise<void> {
    this.#slow = false;
    this.#taken?.();
    while (this.writableLength > 0) await settle();
  }
}

function open() {
  const connection = new Connection();
  const reply = { hijack: () => undefined, raw: connection } as unknown as FastifyReply;
  const clock = new FakeClock();
  const sent: number[] = [];
  const stream = new EventStream(reply, clock, (seconds) => sent.push(seconds));
  let ended = false;
  stream.onClosed(() => {
    ended = true;
  });
  return { connection, stream, clock, sent, ended: () => ended };
}

const update = (name: string, data: object) => ({ name, data }) as unknown as FleetUpdate;
const filler = 'x'.repeat(2_400);
const device = (id: string, round: number) => update('device', { id, round, filler });
const read = ({ read: blocks }: Connection) =>
  blocks.flatMap((block) => {
    const match = /^event: (.+)\ndata: (.+)\n\n$/.exec(block);
    return match === null ? [] : [{ name: match[1], ...JSON.parse(match[2] ?? '') }];
  });

test('a reader that is behind stays, and gets of each device the newest state alone', async () => {
  const { connection, stream, ended } = open();
  for (let round = 0; round < 10; round++) {
    for (let at = 0; at < 500; at++) sendUpdate(stream, device(`d${at}`, round));
    sendUpdate(stream, update('fleet', { round }));
  }
  expect(connection.writableLength).toBeLessThan(300_000);
  sendUpdate(stream, update('event', { id: 'e1' }));
  sendUpdate(stream, update('device-deleted', { id: 'd499' }));
  await connection.readAll();
  expect(ended()).toBe(false);

  const told = read(connection);
  const last = new Map(told.filter(({ name }) => name === 'device').map((one) => [one.id, one.round]));
  expect(last.size).toBe(499);
  expect(new Set(last.values())).toEqual(new Set([9]));
  expect(told.length).toBeLessThan(700);
  expect(told.filter(({ name }) => name === 'fleet').at(-1)).toMatchObject({ round: 9 });
  expect(told.map(({ name }) => name)).toContain('event');
  expect(told.map(({ name }) => name)).toContain('device-deleted');
});

test('a reader that keeps up gets each state in its order', async () => {
  const { connection, stream } = open();
  await connection.readAll();
  for (let round = 0; round < 5; round++) {
    sendUpdate(stream, device('d1', round));
    await settle();
  }
  await connection.readAll();
  expect(read(connection).map(({ round }) => round)).toEqual([0, 1, 2, 3, 4]);
});

test('a reader that does not take its events is cut off', () => {
  const { connection, stream, ended } = open();
  for (let at = 0; at < 500; at++) sendUpdate(stream, update('event', { id: `e${at}`, filler }));
  expect(ended()).toBe(true);
  expect(connection.destroyed).toBe(true);
});

test('it says how long each message waited for its reader, a newest state since the first that it replaced', async () => {
  const { connection, stream, clock, sent } = open();
  for (let at = 0; at < 150; at++) sendUpdate(stream, device(`d${at}`, 0));
  await clock.advance(2_000);
  sendUpdate(stream, device('d149', 1));
  await clock.advance(1_000);
  expect(sent).toEqual([]);
  await connection.readAll();
  expect(sent).toHaveLength(150);
  expect(new Set(sent)).toEqual(new Set([3]));
});
