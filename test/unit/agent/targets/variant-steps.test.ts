import { beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../../src/agent/index.ts';
import { VariantSteps } from '../../../../src/agent/targets/variant-steps.ts';
import { MissingError } from '../../../../src/base/index.ts';
import type { VariantKind } from '../../../../src/model/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';

describe('Steps about variants', () => {
  let runs: Map<string, VariantKind>;
  let asked: unknown[];
  let events: AgentEvent[];
  let answer: () => Promise<boolean>;
  let steps: VariantSteps;

  beforeEach(() => {
    runs = new Map();
    asked = [];
    events = [];
    answer = async () => true;
    steps = new VariantSteps({
      reportEvent: (event) => events.push(event),
      host: {
        lighter: (slot) => runs.get(slot),
        change: async (slot, request) => {
          asked.push([slot, request]);
          if (!(await answer())) return false;
          if (request === undefined) runs.delete(slot);
          else runs.set(slot, request.variant ?? 'qdq-u8');
          return true;
        },
      },
    });
  });

  const apply = async (wanted: readonly (readonly [string, object])[], nowMs: number, frameMs = 30) => {
    steps.apply(new Map(wanted), ['main', 'plate'], frameMs, nowMs);
    await settle();
  };
  const kinds = () => events.map(({ kind }) => kind);

  it('change the variant once, with what a frame takes now, and undo it', async () => {
    await apply([['main', {}]], 0);
    await apply([['main', {}]], 5_000);
    expect(asked).toEqual([['main', { thanMs: 30 }]]);
    expect(events).toMatchObject([{ kind: 'ladder.variant', data: { slot: 'main', variant: 'qdq-u8' } }]);
    await apply([], 10_000);
    await apply([], 15_000);
    expect(asked).toHaveLength(2);
    expect(runs.size).toBe(0);
    expect(events.at(-1)?.message).toBe('The slot main runs its usual variant again, in place of qdq-u8.');
  });

  it('leave slots alone that no step is about', async () => {
    await apply([], 0);
    expect(asked).toEqual([]);
  });

  it('are tried again after a minute where they failed, and told once', async () => {
    answer = () => Promise.reject(new MissingError('x', 'There is no memory.', 'Buy some.'));
    for (let ms = 0; ms <= 125_000; ms += 5_000) await apply([['main', {}]], ms);
    expect(asked).toHaveLength(3);
    expect(kinds()).toEqual(['ladder.variant-refused']);
    expect(events[0]?.message).toContain('There is no memory.');
  });

  it('are tried with the next window where an order was under way', async () => {
    answer = async () => false;
    await apply([['main', {}]], 0);
    answer = async () => true;
    await apply([['main', {}]], 5_000);
    expect(kinds()).toEqual(['ladder.variant']);
  });

  it('come back after a deployment took the variant away', async () => {
    await apply([['main', { variant: 'fp16' }]], 0);
    runs.clear();
    await apply([['main', { variant: 'fp16' }]], 5_000);
    expect(runs.get('main')).toBe('fp16');
  });

  it('change one slot at a time, and nothing after the close', async () => {
    let end = (_: boolean) => {};
    answer = () =>
      new Promise((resolve) => {
        end = resolve;
      });
    const wanted = [
      ['main', {}],
      ['plate', { variant: 'fp16' }],
    ] as const;
    await apply(wanted, 0);
    await apply(wanted, 5_000);
    expect(asked).toHaveLength(1);
    end(true);
    await settle();
    await apply(wanted, 10_000);
    expect(asked).toEqual([
      ['main', { thanMs: 30 }],
      // What a frame takes there is not known.
      ['plate', { variant: 'fp16' }],
    ]);
    end(true);
    await settle();
    steps.close();
    await apply([], 15_000);
    expect(asked).toHaveLength(2);
  });
});
