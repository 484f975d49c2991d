import { describe, expect, it } from 'vitest';
import { boardWatts, EnergyMeter } from '../../../../src/agent/budget/energy.ts';

const board = (...power: [string, number][]) => ({
  temperatures: [],
  power: power.map(([rail, watts]) => ({ rail, watts })),
});

describe('Energy', () => {
  it.each<[string, [string, number][], number | undefined]>([
    [
      'the input rail of an Orin Nano, not its parts again',
      [
        ['VDD_IN', 9],
        ['VDD_SOC', 3],
      ],
      9,
    ],
    [
      'the input of a Thor',
      [
        ['VDD_GPU', 8],
        ['VIN', 53],
      ],
      53,
    ],
    [
      'all rails of a board without an input rail',
      [
        ['VDD_GPU_SOC', 6],
        ['VDD_CPU_CV', 2],
        ['VIN_SYS_5V0', 4],
      ],
      12,
    ],
    ['nothing without rails', [], undefined],
  ])('is of %s', (_, rails, watts) => {
    expect(boardWatts(board(...rails))).toBe(watts);
  });

  it('adds up per day and per frame', () => {
    const meter = new EnergyMeter(0);
    expect(meter.reading(0)).toBeUndefined();
    meter.read(board(['VDD_IN', 10]), 0, 0);
    meter.read(board(['VDD_IN', 14]), 100, 10_000);
    expect(meter.reading(10_000)).toEqual({ joules: 120, dayJoules: 120, perFrame: 1.2 });
    // After a gap nothing is guessed, and a pause of the cameras has no energy per frame.
    meter.read(board(['VDD_IN', 14]), 100, 1_000_000);
    meter.read(board(['VDD_IN', 14]), 100, 1_010_000);
    expect(meter.reading(1_010_000)).toEqual({ joules: 260, dayJoules: 260, perFrame: undefined });
  });
});
