import type { BoardReadings } from '../ports.ts';
import { DaySum, type KeptDay } from './day-sum.ts';

/** Rails that are the whole board: Orin Nano and NX, Thor, Nano and TX2; of two the first. */
const wholeBoard = ['VDD_IN', 'VIN', 'POM_5V_IN'];
/** A reading that is older says nothing of the time since. */
const longestGapMs = 120_000;

/** Watts of the whole board: its input rail, else all rails that there are; undefined without any. */
export function boardWatts({ power }: Pick<BoardReadings, 'power'>): number | undefined {
  for (const name of wholeBoard) {
    const input = power.find(({ rail }) => rail === name);
    if (input !== undefined) return input.watts;
  }
  return power.length === 0 ? undefined : power.reduce((sum, { watts }) => sum + watts, 0);
}

/** Energy from readings of power. Times are monotonic. */
export class EnergyMeter {
  readonly #day: DaySum;
  #last: { readonly watts: number; readonly atMs: number; readonly frames: number } | undefined;
  #joules = 0;
  #perFrame: number | undefined;

  constructor(nowMs: number, before?: KeptDay, wallMs = 0) {
    this.#day = new DaySum(nowMs, before, wallMs);
  }

  /** `frames`: published since the start, of all cameras. */
  read(board: BoardReadings, frames: number, nowMs: number): void {
    const watts = boardWatts(board);
    const last = this.#last;
    this.#last = watts === undefined ? undefined : { watts, atMs: nowMs, frames };
    if (watts === undefined || last === undefined || nowMs - last.atMs > longestGapMs) return;
    const joules = ((watts + last.watts) / 2) * ((nowMs - last.atMs) / 1000);
    this.#joules += joules;
    this.#day.add(joules, nowMs);
    this.#perFrame = frames > last.frames ? joules / (frames - last.frames) : undefined;
  }

  /** Undefined where the board shows no power. */
  reading(nowMs: number): { joules: number; dayJoules: number; perFrame: number | undefined } | undefined {
    if (this.#last === undefined && this.#joules === 0) return undefined;
    return { joules: this.#joules, dayJoules: this.#day.total(nowMs), perFrame: this.#perFrame };
  }

  keep(wallMs: number, nowMs: number): KeptDay {
    return this.#day.keep(wallMs, nowMs);
  }
}
