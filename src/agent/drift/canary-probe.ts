import { type Cancel, type Clock, defined, describeError, type Log } from '../../base/index.ts';
import type { KnownAnswer } from '../../drift/index.ts';
import type { DriftStatus, KnownAnswerData } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { Answer, KnownAnswers } from './ports.ts';

/** Since the start. */
export interface KnownAnswerCounts {
  readonly right: number;
  readonly wrong: number;
  readonly none: number;
}

export interface CanaryProbePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly answers?: Pick<KnownAnswers, 'one' | 'all'>;
  readonly reportEvent: (event: AgentEvent) => void;
  readonly onAnswer: (answer: KnownAnswer) => void;
  readonly onChange: () => void;
}

/**
 * Asks the live engine, every some minutes, a frame of the golden set whose answer is known: a detector can fail while
 * frames still flow.
 *
 * A single frame that falls below what the whole set must reach is a suspicion; then the whole set is asked, as before a
 * deployment, and only if that falls below is the answer wrong. An engine that gives no answer at all is told at once.
 */
export class CanaryProbe {
  readonly #everyMs: number;
  readonly #ports: CanaryProbePorts;
  readonly #counts = { right: 0, wrong: 0, none: 0 };
  #last: DriftStatus['knownAnswer'];
  #bad = false;
  #asking = false;
  #cancel: Cancel | undefined;

  constructor(everyMinutes: number, ports: CanaryProbePorts) {
    this.#everyMs = everyMinutes * 60_000;
    this.#ports = ports;
  }

  get counts(): KnownAnswerCounts {
    return { ...this.#counts };
  }

  get last(): DriftStatus['knownAnswer'] {
    return this.#last;
  }

  start(): void {
    if (this.#everyMs <= 0 || this.#ports.answers === undefined) return;
    this.#cancel = this.#ports.clock.every(this.#everyMs, () => void this.ask());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async ask(): Promise<void> {
    const { answers, log } = this.#ports;
    // An engine that hangs must not let questions pile up.
    if (answers === undefined || this.#asking) return;
    this.#asking = true;
    try {
      const one = await answers.one();
      if (one === undefined) return;
      const answer = isRight(one) || one.agreement === undefined ? one : ((await answers.all()) ?? one);
      this.#judge(answer);
    } catch (error) {
      log.warn('A frame with a known answer could not be asked', { reason: describeError(error) });
    } finally {
      this.#asking = false;
    }
  }

  #judge(answer: Answer): void {
    const right = isRight(answer);
    this.#counts[right ? 'right' : answer.agreement === undefined ? 'none' : 'wrong']++;
    const before = this.#last;
    this.#last = {
      timeMs: Math.max(0, this.#ports.clock.wallMs()),
      right,
      agreement: answer.agreement ?? 0,
    };
    this.#ports.onAnswer({ right, agreement: answer.agreement });
    if (right === !this.#bad && before !== undefined) return;
    if (right !== !this.#bad) this.#ports.reportEvent(event(answer, right));
    this.#bad = !right;
    this.#ports.onChange();
  }
}

function isRight({ agreement, wanted }: Answer): boolean {
  return agreement !== undefined && agreement >= wanted;
}

function event(answer: Answer, right: boolean): AgentEvent {
  const { frame, modelDigest, engine, agreement, wanted } = answer;
  const data: KnownAnswerData = {
    modelDigest,
    engine: engine.slice(0, 128),
    frame,
    wanted,
    ...defined({ agreement }),
  };
  if (right) {
    const message = `The live model gives the known answers again (${percent(agreement)}).`;
    return { kind: 'model.answers-again', severity: 'info', message, data };
  }
  if (agreement === undefined) {
    const message = `The live model gave no answer to the golden frame ${frame}. Its engine hangs or fails: restart the agent, or deploy another model.`;
    return { kind: 'model.no-answer', severity: 'error', message, data };
  }
  const message = `The live model gives wrong answers: ${percent(agreement)} of the golden set comes out as it must, ${percent(wanted)} is needed. Restart the agent; if it stays, deploy another model.`;
  return { kind: 'model.wrong-answer', severity: 'error', message, data };
}

function percent(part: number | undefined): string {
  return `${((part ?? 0) * 100).toFixed(1)} %`;
}
