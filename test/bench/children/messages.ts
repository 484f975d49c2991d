import type { EngineChoice } from '../../../src/agent/index.ts';
import type { Bundle } from '../../../src/model/index.ts';
import type { TurnTimes } from './turns.ts';

export interface CamerasAsk {
  readonly bundle: Bundle;
  readonly engine: EngineChoice;
  /** 0: an idle process, for comparison. */
  readonly cameras: number;
  readonly fps: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Frames under way at once. */
  readonly workers: number;
  /** Of each network. */
  readonly threads: number;
  /** File with rgb8 pictures one after the other. */
  readonly frames: string;
  readonly width: number;
  readonly height: number;
  /** Also why turns are late (`watchTurns`). */
  readonly turns?: boolean;
}

/** All but memory counts from the end of `warmSeconds`. */
export interface CamerasAnswer {
  readonly offered: number;
  readonly frames: number;
  readonly boxes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** From the moment a frame was due to its result. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
  readonly peakMb: number;
  /** Between two turns of a 1 ms timer, as `monitorEventLoopDelay` gives it: 1 ms is the least. */
  readonly loopP50Ms: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly turns?: TurnTimes;
}
