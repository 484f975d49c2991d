import type { Bundle } from '../../model/index.ts';
import type { DetectorIdentity } from '../../perception/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { ChosenDetector } from './open-engine.ts';
import type { EngineBuildEvent } from './platform.ts';

/** What happens to an engine of this board, for the fleet. */
export function engineEvent(news: EngineBuildEvent): AgentEvent {
  const { kind, ...data } = news;
  switch (news.kind) {
    case 'building':
      return {
        kind: 'engine.building',
        severity: 'info',
        message: `The engine of ${news.model} is being built (${Math.round(news.progress * 100)} %).`,
        data,
      };
    case 'built':
      return {
        kind: 'engine.built',
        severity: 'info',
        message: `The engine of ${news.model} was built in ${(news.buildMs / 1000).toFixed(1)} s.`,
        data,
      };
    case 'set-aside':
      return {
        kind: 'engine.set-aside',
        severity: 'warning',
        message: `The engine of ${news.model} that came from ${news.from} is not used; it is built here: ${news.reason}`,
        data,
      };
    case 'quarantined':
      return {
        kind: 'engine.quarantined',
        severity: 'error',
        message: `The engine of ${news.model} is quarantined until you order the model again: ${news.reason}`,
        data,
      };
  }
}

/** What hangs in native code can't be ended: it keeps its memory until the process ends. */
export function leftBehindEvent({ model, version, engine }: DetectorIdentity): AgentEvent {
  return {
    kind: 'engine.left-behind',
    severity: 'error',
    message: `${model} ${version} on ${engine} hangs and was given up; its memory stays in use until you restart the agent.`,
    data: { engine },
  };
}

/** Which engine runs a model, and why; a warning where a better one refused it. */
export function engineChoiceEvent(chosen: ChosenDetector): AgentEvent {
  const { engine, reason, refused, planPending, detector } = chosen;
  const { model, version, precision } = detector.identity;
  const words = [...refused].filter(([name]) => !(planPending && name === 'tensorrt')).map(([, why]) => why);
  return words.length === 0
    ? {
        kind: 'engine.chosen',
        severity: 'info',
        message: `${model} ${version} runs on ${engine} (${precision}): ${reason}`,
        data: { engine, precision },
      }
    : {
        kind: 'engine.fallback',
        severity: 'warning',
        message: `${model} ${version} runs on ${engine}: ${words.join('; ')}`,
        data: { engine, precision },
      };
}

/** A better engine has to wait. */
export function noRoomEvent({ manifest }: Bundle, reason: string, waitMs: number): AgentEvent {
  return {
    kind: 'engine.no-room',
    severity: 'warning',
    message: `${manifest.name} ${manifest.version} has no room on the better engine; it is tried again in ${waitMs / 1000} s: ${reason}`,
  };
}
