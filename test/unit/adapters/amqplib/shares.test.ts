import fc from 'fast-check';
import { expect, it } from 'vitest';
import { priorityOf } from '../../../../src/adapters/amqplib/shares.ts';
import { telemetryQueues } from '../../../../src/protocol/index.ts';

/** Who gets each queue. */
function ownersOf(clients: readonly string[]): readonly string[] {
  return telemetryQueues.map((queue) =>
    clients.reduce((best, one) => (priorityOf(one, queue) > priorityOf(best, queue) ? one : best)),
  );
}

it('gives each of a few processes a part of the queues', () => {
  for (const many of [2, 3, 4]) {
    const clients = Array.from({ length: many }, (_, at) => `ingest-${at + 1}`);
    const parts = clients.map((client) => ownersOf(clients).filter((owner) => owner === client).length);
    expect(Math.min(...parts), `${parts}`).toBeGreaterThan(0);
  }
});

it('moves only the queues of a process that comes or goes', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(names, ([gone = '', ...stay]) => {
      const [before, after] = [ownersOf([gone, ...stay]), ownersOf(stay)];
      for (const [at, owner] of before.entries()) if (owner !== gone) expect(after[at]).toBe(owner);
    }),
  );
});

it('is a priority that AMQP carries', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (client, queue) => {
      const priority = priorityOf(client, queue);
      expect(Number.isInteger(priority) && priority >= 0 && priority < 2 ** 31).toBe(true);
    }),
  );
});
