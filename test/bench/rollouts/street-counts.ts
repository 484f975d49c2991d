import type { BlockKey, GateBlock, Measured } from '../../../src/controller/rollouts/gates/index.ts';
import type { Random } from '../../../src/drift/random.ts';

/*
 * Cameras as blocks of five minutes, fast enough for thousands of rollouts. What a camera counts was fitted to street 61 of
 * bench:drift-days (18 rendered hours with the street's detector, 216 blocks): how many of each class stand in the picture
 * for how much traffic, and how far a block strays from that. Day rhythm is that of the same street. What the street
 * does not have was added, to be harsher: days that differ, waves of traffic that are each camera's own, showers over all
 * cameras at once, load that costs frames.
 */

export const blockMinutes = 5;
export const blocksPerDay = 288;
const framesPerBlock = 30 * 60 * blockMinutes;

/** [most in the picture, how fast traffic fills it, variance over mean of a block]; those without traffic stand still. */
const classes = {
  car: [7.8, 0.95, 0.086],
  truck: [3.8, 0.75, 0.059],
  pedestrian: [20, 0.37, 0.1],
  traffic_sign: [2.6, undefined, 0.013],
  traffic_light: [3.3, undefined, 0.013],
} as const;
export type SimulatedClass = keyof typeof classes;
const classNames = Object.keys(classes) as SimulatedClass[];

/** What a model does otherwise than the one before. */
export interface ModelChange {
  /** Share of the objects that it finds no more. */
  readonly lostRecall?: number;
  readonly droppedClass?: SimulatedClass;
  /** Share that a frame takes longer. */
  readonly slower?: number;
  /** Share of memory that it takes more every hour. */
  readonly leakPerHour?: number;
}

/** What all cameras have in common: days and showers. */
export class Weather {
  readonly #days: number[];
  readonly #rain: Float64Array;

  constructor(random: Random, days: number) {
    this.#days = Array.from({ length: days }, () => 0.07 * random.normal());
    this.#rain = new Float64Array(days * blocksPerDay);
    for (let shower = 0; shower < days * 3; shower++) {
      const begin = Math.floor(random.next() * this.#rain.length);
      const length = 5 + random.below(8);
      for (let at = 0; at < length && begin + at < this.#rain.length; at++)
        this.#rain[begin + at] = Math.max(this.#rain[begin + at]!, Math.sin((Math.PI * (at + 0.5)) / length));
    }
  }

  day(block: number): number {
    return this.#days[Math.floor(block / blocksPerDay)]!;
  }

  rain(block: number): number {
    return this.#rain[block]!;
  }
}

/** Of a day, without its waves: as in test/bench/drift/days/plan.ts. */
const usualTraffic = Float64Array.from({ length: blocksPerDay }, (_, block) => {
  const hour = (block + 0.5) / 12;
  const between = (from: number, to: number) => Math.min(1, Math.max(0, (hour - from) / (to - from)));
  const rush = 1.6 * Math.exp(-(((hour - 8) / 1.1) ** 2)) + 1.5 * Math.exp(-(((hour - 17.5) / 1.4) ** 2));
  return 0.12 + 0.8 * between(5, 9) * (1 - between(19, 24)) + rush;
});

/** One camera on one device. */
export class SimulatedCamera {
  readonly name: string;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #scale: Record<SimulatedClass, number>;
  readonly #shift: number;
  readonly #score: number;
  readonly #latency: number;
  readonly #heat: number;
  #day = -1;
  #dayFactor = 0;
  #phases: readonly number[] = [0, 0];
  #wave = 0;
  #warmth = 0;
  #load = 0;

  constructor(name: string, random: Random, weather: Weather) {
    this.name = name;
    this.#random = random;
    this.#weather = weather;
    this.#scale = Object.fromEntries(
      classNames.map((label) => [label, Math.exp(0.4 * random.normal())]),
    ) as Record<SimulatedClass, number>;
    // Rush hours are not everywhere at the same minute.
    this.#shift = Math.round(6 * random.normal());
    this.#score = 0.64 + 0.02 * random.normal();
    this.#latency = 0.03 * Math.exp(0.2 * random.normal());
    this.#heat = 55 + 4 * random.normal();
  }

  /** `sinceChange`: blocks since the engine was started anew; undefined for long ago. */
  block(at: number, change: ModelChange | undefined, sinceChange: number | undefined): GateBlock {
    const random = this.#random;
    const day = Math.floor(at / blocksPerDay);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayFactor = 0.1 * random.normal();
      this.#phases = [6.28 * random.next(), 6.28 * random.next()];
    }
    this.#wave = 0.85 * this.#wave + 0.12 * Math.sqrt(1 - 0.85 ** 2) * random.normal();
    this.#warmth = 0.95 * this.#warmth + 0.8 * Math.sqrt(1 - 0.95 ** 2) * random.normal();
    this.#load = random.next() < 0.01 ? 0.1 + 0.2 * random.next() : 0;
    const minute = at * blockMinutes;
    const wave =
      0.24 * Math.sin(minute / 3.2 + this.#phases[0]!) + 0.18 * Math.sin(minute / 19 + this.#phases[1]!);
    const clock = (((at + this.#shift) % blocksPerDay) + blocksPerDay) % blocksPerDay;
    const traffic = Math.min(
      3,
      usualTraffic[clock]! * Math.exp(wave + this.#wave + this.#dayFactor + this.#weather.day(at)),
    );
    const values: Partial<Record<BlockKey, Measured>> = {};
    const frames = framesPerBlock * (1 - this.#load);
    this.#count(values, traffic, this.#weather.rain(at), frames, change);
    this.#machine(values, at, change, sinceChange);
    return { startMs: at * blockMinutes * 60_000, values };
  }

  #count(
    values: Partial<Record<BlockKey, Measured>>,
    traffic: number,
    rain: number,
    frames: number,
    change: ModelChange | undefined,
  ): void {
    const random = this.#random;
    let all = 0;
    for (const label of classNames) {
      const [most, filling, spread] = classes[label];
      const there =
        most *
        this.#scale[label] *
        (filling === undefined ? 1 - 0.04 * traffic : 1 - Math.exp(-filling * traffic));
      const found =
        change?.droppedClass === label ? 0 : there * (1 - 0.08 * rain) * (1 - (change?.lostRecall ?? 0));
      const value = spread * poisson(random, found / spread);
      values[`class:${label}`] = { value, weight: frames };
      all += value;
    }
    values.detections = { value: all, weight: frames };
    if (all > 0)
      values.score = {
        value: this.#score - 0.006 * traffic - 0.01 * rain + 0.005 * random.normal(),
        weight: all * frames,
      };
  }

  #machine(
    values: Partial<Record<BlockKey, Measured>>,
    at: number,
    change: ModelChange | undefined,
    sinceChange: number | undefined,
  ): void {
    const random = this.#random;
    const slower = 1 + (change?.slower ?? 0);
    const hour = (at % blocksPerDay) / 12;
    const celsius =
      this.#heat +
      4 * Math.sin(((hour - 9) / 24) * 6.28) +
      this.#warmth +
      20 * this.#weather.day(at) +
      3 * (slower - 1);
    const hours = blockMinutes / 60;
    // A process that was started anew takes half an hour to its size.
    const warm = sinceChange === undefined ? 1 : 1 - 0.1 * Math.exp(-(sinceChange * blockMinutes) / 15);
    const leaked = 1 + (change?.leakPerHour ?? 0) * (sinceChange ?? 0) * hours;
    const rate = 30 * (1 - this.#load) * (1 + 0.003 * random.normal());
    const latency =
      this.#latency * slower * (1 + this.#load) * Math.exp(0.04 * random.normal() + 0.002 * (celsius - 55));
    Object.assign(values, {
      'frame-rate': { value: rate, weight: 300 },
      latency: { value: latency, weight: framesPerBlock },
      // A tenth above what is usual is promised, and nine tenths of the frames; who is near it misses it now and then.
      'missed-target': {
        value: Math.min(
          1,
          5 * Math.max(0, this.#load - 0.1) + 5 * Math.max(0, latency / this.#latency - 1.1),
        ),
        weight: 60 * blockMinutes,
      },
      temperature: { value: celsius, weight: 30 },
      memory: {
        value: 4e8 * warm * leaked * Math.exp(0.01 * random.normal() + 0.01 * this.#wave),
        weight: 30,
      },
      drift: { value: poisson(random, hours / 720) / hours, weight: hours },
      crashes: { value: poisson(random, hours / 1440) / hours, weight: hours },
    });
    if (at % 2 === 0) values['known-answers'] = { value: random.next() < 0.001 ? 1 : 0, weight: 1 };
  }
}

function poisson(random: Random, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  let count = 0;
  let product = random.next();
  const limit = Math.exp(-mean);
  while (product > limit) {
    count++;
    product *= random.next();
  }
  return count;
}
