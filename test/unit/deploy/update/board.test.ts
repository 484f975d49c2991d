import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BoardMachine } from './board.ts';
import { digestOf } from './machine.ts';

/* The helper on a flashed board: the whole system comes to the other slot, and each way in which it can fail leads back. */

const lost = 'The new system did not start; the boot loader started the previous one.';

describe('An update of the whole system', () => {
  let board: BoardMachine;
  beforeEach(() => {
    board = new BoardMachine();
    for (const version of ['2.0.0-good', '2.0.0-bad', '2.0.0-silent', '2.0.0-dead', '2.0.0-broken'])
      board.sign(version, 2);
    board.sign('3.0.0-good', 3);
  });
  afterEach(() => board.close());

  it.each([
    ['2.0.0-good', '2.0.0-good', 'kept', ''],
    ['2.0.0-bad', '1.0.0', 'back', 'it sees nothing'],
    ['2.0.0-silent', '1.0.0', 'back', 'It did not show within 1 s that it works.'],
    ['2.0.0-dead', '1.0.0', 'back', lost],
    ['2.0.0-broken', '1.0.0', 'refused', 'RAUC does not install it: signature verification failed'],
    ['4.0.0-good', '1.0.0', 'refused', 'nobody signed it'],
  ] as const)('%s: %s runs in the end, and the agent is told', async (version, runs, kind, reason) => {
    await board.update(version);
    expect(board.installed).toBe(runs);
    expect({ state: board.state, guarded: board.guarded, trial: board.trial }).toEqual({
      state: 'idle',
      guarded: false,
      trial: 'none',
    });
    const standing = board.standing(version);
    expect(standing.kind).toBe(kind);
    if ('reason' in standing) expect(standing.reason.trim()).toBe(reason);
  });

  it('is written ahead, and nothing starts it before it is ordered to', async () => {
    await board.ask(`prepare ${digestOf('2.0.0-good')}`);
    expect(board.standing('2.0.0-good')).toEqual({ kind: 'prepared' });
    expect(board.text('slot-B')).toBe('2.0.0-good');
    expect(board.has('state/next/artifact')).toBe(false);
    await board.powerOn();
    expect(board.installed).toBe('1.0.0');
    expect(board.standing('2.0.0-good')).toEqual({ kind: 'prepared' });
  });

  it('can be taken back: the previous system is still in its slot, and needs no download', async () => {
    await board.update('2.0.0-good');
    board.write('slot-A', '1.0.0-good');
    board.write('state/previous/name', `${digestOf('1.0.0-good')} 1.0.0-good\n`);
    await board.update('1.0.0-good');
    expect(board.standing('1.0.0-good')).toEqual({ kind: 'kept' });
    expect(board.installed).toBe('1.0.0-good');
    await board.update('3.0.0-good');
    expect(board.installed).toBe('3.0.0-good');
  });

  it('is not kept where the slot holds another system than was ordered', async () => {
    await board.ask(`prepare ${digestOf('2.0.0-good')}`);
    board.write('slot-B', '1.9.0-good');
    await board.ask(`install ${digestOf('2.0.0-good')}`);
    await board.guard();
    await board.powerOn();
    expect(board.installed).toBe('1.0.0');
    expect(board.standing('2.0.0-good')).toMatchObject({
      kind: 'back',
      reason: expect.stringContaining('1.9.0-good'),
    });
  });

  // A bad one is as a good one until it starts.
  it.each([
    ['2.0.0-good', true],
    ['2.0.0-bad', false],
    ['2.0.0-dead', false],
  ])(
    '%s: a power cut before any step leaves a board that works, and its fleet is told',
    { timeout: 900_000 },
    async (version, all) => {
      const { installedAt } = await board.update(version);
      let cuts = 0;
      for (let power = all ? 1 : installedAt; ; power++) {
        const other = new BoardMachine();
        try {
          other.sign(version, 2);
          const { whole } = await other.update(version, power);
          if (whole) break;
          cuts += 1;
          await other.boot(version);
          const at = `power went before step ${power}`;
          const standing = other.standing(version);
          const kept = version === '2.0.0-good' && standing.kind === 'kept';
          expect(['kept', 'back'], at).toContain(standing.kind);
          expect(other.installed, at).toBe(kept ? version : '1.0.0');
          expect({ state: other.state, guarded: other.guarded, trial: other.trial }, at).toEqual({
            state: 'idle',
            guarded: false,
            trial: 'none',
          });
          // Only between the order to install it and its start the previous one is the end of a good one.
          if (version === '2.0.0-good' && !kept) expect(standing, at).toMatchObject({ reason: lost });
        } finally {
          other.close();
        }
      }
      expect(cuts).toBeGreaterThan(all ? 40 : 8);
    },
  );
});
