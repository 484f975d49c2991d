import { defined, describeError, type GoshawkError, type Log } from '../../base/index.ts';
import type { SlotName } from '../graph/names.ts';
import { DetectorLostError } from '../ports.ts';
import type { FailingFrames } from './failure-run.ts';
import type { PipelineEvent } from './pipeline-event.ts';

/** Tells what happens: a line in the log, and an event to whoever listens. */
export class PipelineReporter {
  readonly #log: Log;
  readonly #listener: ((event: PipelineEvent) => void) | undefined;

  constructor(log: Log, listener: ((event: PipelineEvent) => void) | undefined) {
    this.#log = log;
    this.#listener = listener;
  }

  /** `thrown`: whoever opened the camera gets the error too, and says it. */
  fault(camera: string, node: string | undefined, error: GoshawkError, thrown = false): void {
    const where = { camera, ...defined({ node }) };
    this.#log[thrown ? 'info' : 'warn']('camera fault', {
      ...where,
      code: error.code,
      error: error.explain(),
    });
    this.emit({ kind: 'fault', ...where, error });
  }

  recovered(camera: string, node: string | undefined): void {
    const where = { camera, ...defined({ node }) };
    this.#log.info('camera recovered', where);
    this.emit({ kind: 'recovered', ...where });
  }

  lost(camera: string, error: GoshawkError): void {
    this.#log.warn('camera lost', { camera, code: error.code, error: error.explain() });
    this.emit({ kind: 'lost', camera, error });
  }

  back(camera: string): void {
    this.#log.info('camera back', { camera });
    this.emit({ kind: 'back', camera });
  }

  stuck(camera: string, slot: SlotName, error: GoshawkError): void {
    this.#log.error('detector stuck', { camera, slot, error: error.explain() });
    this.emit({ kind: 'stuck', camera, slot, error });
  }

  failing(camera: string, slot: SlotName, error: GoshawkError, run: FailingFrames): void {
    this.#log.error('detector failing', { camera, slot, ...run, error: error.explain() });
    const lost = error instanceof DetectorLostError ? { lost: error.lost } : {};
    this.emit({ kind: 'failing', camera, slot, error, ...run, ...lost });
  }

  slow(camera: string, slot: SlotName, tookMs: number): void {
    this.#log.warn('detector slow', { camera, slot, tookMs });
    this.emit({ kind: 'slow', camera, slot, tookMs });
  }

  emit(event: PipelineEvent): void {
    try {
      this.#listener?.(event);
    } catch (error) {
      // Whoever listens must not stop the frames.
      this.#log.error('event listener failed', { event: event.kind, error: describeError(error) });
    }
  }
}
