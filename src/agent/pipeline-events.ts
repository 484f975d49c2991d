import type { PipelineEvent } from '../perception/index.ts';
import type { AgentEvent } from './event-reporter.ts';

/** What of the pipeline's events the fleet should know. */
export function agentEventOf(event: PipelineEvent): AgentEvent | undefined {
  switch (event.kind) {
    case 'fault':
      return {
        kind: 'camera.fault',
        severity: 'error',
        message: event.error.explain(),
        camera: event.camera,
        data: { code: event.error.code },
      };
    case 'recovered':
      return {
        kind: 'camera.recovered',
        severity: 'info',
        message: 'Frames come through again.',
        camera: event.camera,
      };
    case 'lost':
      return {
        kind: 'camera.lost',
        severity: 'error',
        message: `${event.error.explain()} It is tried again until it is there.`,
        camera: event.camera,
        data: { code: event.error.code },
      };
    case 'back':
      return { kind: 'camera.back', severity: 'info', message: 'The camera is back.', camera: event.camera };
    case 'slow':
      return {
        kind: 'detector.slow',
        severity: 'warning',
        message: `One frame takes ${(event.tookMs / 1000).toFixed(1)} s on this machine; frames are taken as fast as it answers. Use a smaller model or a faster engine.`,
        camera: event.camera,
        data: { slot: event.slot, tookMs: Math.round(event.tookMs) },
      };
    case 'stuck':
      return {
        kind: 'detector.stuck',
        severity: 'critical',
        message: event.error.explain(),
        camera: event.camera,
        data: { slot: event.slot, code: event.error.code },
      };
    case 'failing':
      return event.again
        ? undefined
        : {
            kind: 'detector.failing',
            severity: 'critical',
            message: `${failingWords(event)} ${event.error.explain()}`,
            camera: event.camera,
            data: {
              ...{ slot: event.slot, code: event.error.code },
              ...{ frames: event.frames, forMs: Math.round(event.forMs) },
            },
          };
    case 'ended':
      return {
        kind: 'camera.ended',
        severity: 'warning',
        message: 'The source has no more frames.',
        camera: event.camera,
      };
    case 'swapped':
      return {
        kind: 'model.swapped',
        severity: 'info',
        message: `${event.from.model} ${event.from.version} -> ${event.to.model} ${event.to.version}`,
        data: { slot: event.slot, from: event.from.digest, to: event.to.digest, engine: event.to.engine },
      };
    case 'slot-added':
      return {
        kind: 'model.added',
        severity: 'info',
        message: `${event.to.model} ${event.to.version} serves the slot "${event.slot}".`,
        data: { slot: event.slot, to: event.to.digest, engine: event.to.engine },
      };
    case 'slot-removed':
      return {
        kind: 'model.removed',
        severity: 'info',
        message: `The slot "${event.slot}" has no model any more; its nodes are skipped.`,
        data: { slot: event.slot, from: event.from.digest },
      };
  }
}

function failingWords({ frames, forMs, lost }: Extract<PipelineEvent, { readonly kind: 'failing' }>): string {
  return lost === undefined
    ? `Every frame fails, ${frames} of them in ${Math.round(forMs / 1000)} s.`
    : 'The detector can take no frame any more.';
}
