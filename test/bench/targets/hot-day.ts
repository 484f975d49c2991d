import type { CameraWindow, Conditions } from '../../../src/agent/targets/promise.ts';
import type { LadderStep } from '../../../src/agent/targets/steps.ts';
import { TargetControl } from '../../../src/agent/targets/target-control.ts';

/*
 * A device in a box in the sun, as plain physics: the board warms with the work it does and with the air around it; above
 * 85 °C the clock goes down by steps and comes back below 80, as a governor does. Newest frame wins, as in the pipeline.
 */

export interface Day {
  /** Of the air in the box: what it is at night, and how much more at two in the afternoon. */
  readonly coolCelsius: number;
  readonly heatCelsius: number;
  /** Share of the machine that other programs take, by second of the day. */
  readonly others: (second: number) => number;
  readonly cameras: Readonly<Record<string, SimulatedCamera>>;
  /** Of one frame at the full clock. */
  readonly detectorMs: number;
  readonly steps: readonly LadderStep[];
  /** Detector time with the lighter model, as a share. */
  readonly lighter?: number;
}

export interface SimulatedCamera {
  readonly fps: number;
  readonly targetFps: number;
  readonly maxLatencyMs: number;
}

export interface DayResult {
  /** Minutes in which every promise was kept. */
  readonly minutesAtTarget: number;
  readonly minutes: number;
  readonly stepsDown: number;
  readonly stepsUp: number;
  readonly levelAtEnd: number;
  readonly hottest: number;
  readonly throttledMinutes: number;
  readonly mostStepsInAnHour: number;
}

const tick = 10;
/** Degrees per watt, watts, and how fast the board warms: roughly a Jetson Orin NX in a closed box. */
const board = { degreesPerWatt: 2.1, idleWatts: 7, busyWatts: 16, secondsToWarm: 420 };
const governor = { hot: 85, cool: 80, leastClock: 0.4, step: 0.1 };

export function playDay(day: Day, days = 1): DayResult {
  const promises = new Map(Object.entries(day.cameras));
  const control = new TargetControl({
    ...{ promises, steps: day.steps, capacity: 1 },
    ...{ hotCelsius: 82, marginCelsius: 8, pressedMs: 15_000, relievedMs: 120_000, settleMs: 15_000 },
  });
  let celsius = day.coolCelsius + board.degreesPerWatt * board.idleWatts;
  let clock = 1;
  const counts = { minutesAtTarget: 0, throttledMinutes: 0, stepsDown: 0, stepsUp: 0 };
  let hottest = celsius;
  let kept = true;
  let throttled = false;
  const moves: number[] = [];
  let mostStepsInAnHour = 0;
  const seconds = days * 86_400;
  for (let second = tick; second <= seconds; second += tick) {
    const air =
      day.coolCelsius +
      day.heatCelsius * Math.max(0, Math.sin(((second % 86_400) / 86_400 - 0.33) * Math.PI * 2.2));
    const others = day.others(second % 86_400);
    const { windows, busy } = work(day, control, clock * (1 - others));
    // The clock costs more than it gives: power goes with its square.
    const watts = board.idleWatts + board.busyWatts * Math.min(1, busy + others) * clock ** 2;
    const goal = air + board.degreesPerWatt * watts;
    celsius += ((goal - celsius) * tick) / board.secondsToWarm;
    hottest = Math.max(hottest, celsius);
    if (celsius > governor.hot) clock = Math.max(governor.leastClock, clock - governor.step);
    else if (celsius < governor.cool) clock = Math.min(1, clock + governor.step);
    const conditions: Conditions = {
      ...{ celsius, othersShare: others },
      ...(clock < 1 ? { throttled: 'heat' as const } : {}),
    };
    const { verdicts, move } = control.decide(windows, conditions, second * 1000);
    if (move === 'down') counts.stepsDown += 1;
    if (move === 'up') counts.stepsUp += 1;
    if (move === 'down' || move === 'up') {
      moves.push(second);
      mostStepsInAnHour = Math.max(mostStepsInAnHour, moves.filter((at) => at > second - 3600).length);
    }
    // A camera that the ladder switched off is missed, whatever the ladder thinks of it.
    if (verdicts.length < promises.size || verdicts.some(({ missed }) => missed !== undefined)) kept = false;
    throttled ||= clock < 1;
    if (second % 60 !== 0) continue;
    if (kept) counts.minutesAtTarget += 1;
    if (throttled) counts.throttledMinutes += 1;
    kept = true;
    throttled = false;
  }
  return { ...counts, minutes: seconds / 60, levelAtEnd: control.level, hottest, mostStepsInAnHour };
}

/** One window of every camera: the detector takes the newest frame of each in turn, as many as it can. */
function work(day: Day, control: TargetControl, speed: number): { windows: CameraWindow[]; busy: number } {
  const { thinning, off, overlays } = control.degradation;
  const frameMs = (day.detectorMs * (overlays.size === 0 ? 1 : (day.lighter ?? 1))) / speed;
  const room = 1000 / frameMs;
  const wanted = Object.entries(day.cameras).map(([camera, { fps }]) => {
    const { every = 1, maxFps = Number.POSITIVE_INFINITY } = thinning.get(camera) ?? {};
    return { camera, given: fps, taken: off.has(camera) ? 0 : Math.min(fps / every, maxFps) };
  });
  const served = shareOut(
    wanted.map(({ taken }) => taken),
    room,
  );
  const busy = Math.min(1, served.reduce((sum, rate) => sum + rate, 0) / room);
  const windows = wanted.map(({ camera, given, taken }, at) => {
    const published = served[at]!;
    // A frame waits for the one before it of every camera that is in line, the more the fuller the line is.
    const inLine = wanted.filter((one) => one.taken > 0).length;
    const waitMs = published < taken - 0.01 ? frameMs * inLine : frameMs * inLine * busy ** 4;
    return {
      ...{
        camera,
        seconds: tick,
        enabled: !off.has(camera),
        given: given * tick,
        thinned: (given - taken) * tick,
      },
      ...{ published: published * tick, detectorMs: published * tick * frameMs },
      zones: new Map<string, boolean>(),
      p95LatencyMs: published === 0 ? undefined : frameMs + waitMs,
    };
  });
  return { windows, busy };
}

/** Equal shares, and what one does not need goes to the others. */
function shareOut(wanted: readonly number[], room: number): number[] {
  const served = wanted.map(() => 0);
  let left = room;
  let open = wanted.map((_, at) => at);
  while (open.length > 0 && left > 1e-9) {
    const each = left / open.length;
    for (const at of open) {
      const more = Math.min(each, wanted[at]! - served[at]!);
      served[at]! += more;
      left -= more;
    }
    open = open.filter((at) => wanted[at]! - served[at]! > 1e-9);
  }
  return served;
}
