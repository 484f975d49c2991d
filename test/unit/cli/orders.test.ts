import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { printOrder } from '../../../src/cli/fleet/orders.ts';
import { Output } from '../../../src/cli/output.ts';
import type { OrderAnswer, OrderOutcome } from '../../../src/runtime/index.ts';

function printed(answer: OrderAnswer) {
  let said = '';
  const sink = () =>
    new Writable({
      write(chunk, _encoding, done) {
        said += String(chunk);
        done();
      },
    });
  const output = new Output({ format: 'table', debug: false, stdout: sink(), stderr: sink() });
  return { status: printOrder({ output }, answer, 'tiny 2.0.0'), said };
}

const outcome = (device: string, outcome: OrderOutcome['outcome']) => ({ device, outcome, detail: '' });

describe('The exit status of an order that is waited for', () => {
  it.each([
    ['every device runs it', [outcome('a', 'committed'), outcome('b', 'committed')], undefined],
    ['one does not', [outcome('a', 'committed'), outcome('b', 'unreachable')], 1],
  ] as const)('where %s', (_, outcomes, status) => {
    expect(printed({ generations: { a: 1, b: 1 }, outcomes }).status).toBe(status);
  });

  it('is 1 where there is no device, as for a group whose name was mistyped', () => {
    const { status, said } = printed({ generations: {}, outcomes: [] });
    expect(status).toBe(1);
    expect(said).toContain('No device got the order');
  });

  it('is 0 where it was only ordered, also for a group that has no device yet', () => {
    expect(printed({ generations: {} })).toEqual({
      status: undefined,
      said: expect.stringContaining('no device yet'),
    });
  });
});
