import { describe, expect, it } from 'vitest';
import type { BootPorts } from '../../../../src/runtime/image/confirm.ts';
import { confirmBoot } from '../../../../src/runtime/image/confirm.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

interface Board {
  readonly told: string[];
  readonly ports: BootPorts;
  readonly clock: FakeClock;
}

function board(slot: string, trial: string, frames: (ms: number) => number | undefined): Board {
  const clock = new FakeClock();
  const began = clock.monotonicMs();
  const told: string[] = [];
  return {
    told,
    clock,
    ports: {
      clock,
      commandLine: async () => `root=PARTUUID=1 ro ${slot === '' ? '' : `rauc.slot=${slot}`} quiet\n`,
      frames: async () => frames(clock.monotonicMs() - began),
      slots: async (...args) => {
        if (args[0] !== 'get-trial') told.push(args.join(' '));
        return `${trial}\n`;
      },
      reboot: async () => {
        told.push('reboot');
      },
    },
  };
}

/** Lets time go until it is done. */
async function confirmed({ ports, clock }: Board) {
  let over = false;
  const work = confirmBoot(ports, 60_000).finally(() => {
    over = true;
  });
  work.catch(() => {});
  for (let turn = 0; turn < 1_000 && !over; turn += 1) await clock.advance(250);
  return work;
}

describe('A boot that is confirmed', () => {
  it('is good once the agent has seen frames, and the boot loader is told', async () => {
    const own = board('A', 'none', (ms) => (ms < 5_000 ? undefined : 6));
    expect(await confirmed(own)).toEqual({ slot: 'A', verdict: 'good', frames: 6 });
    expect(own.told).toEqual(['set-state A good']);
  });

  it('ends a trial that does not perceive: its slot is bad, and the board starts the other', async () => {
    const own = board('B', 'B', () => undefined);
    expect(await confirmed(own)).toMatchObject({ verdict: 'go-back' });
    expect(own.told).toEqual(['set-state B bad', 'reboot']);
  });

  it('keeps a trial that perceives', async () => {
    const own = board('B', 'B', () => 100);
    expect(await confirmed(own)).toMatchObject({ verdict: 'good' });
    expect(own.told).toEqual(['set-state B good']);
  });

  it('gives up an update from which the boot loader came back', async () => {
    const own = board('A', 'B', () => 100);
    expect(await confirmed(own)).toMatchObject({ verdict: 'came-back' });
    expect(own.told).toEqual(['set-state B bad', 'set-state A good']);
  });

  it('does not start a board anew whose camera is broken: no other slot would mend that', async () => {
    const own = board('A', 'none', () => 0);
    expect(await confirmed(own)).toMatchObject({ verdict: 'kept-without-perceiving' });
    expect(own.told).toEqual(['set-state A good']);
  });

  it('is for boards that were flashed', async () => {
    await expect(confirmed(board('', 'none', () => 100))).rejects.toMatchObject({ code: 'image-no-slot' });
  });
});
