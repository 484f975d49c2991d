import type { DetectorIdentity } from '../../perception/index.ts';
import { type DesiredModel, mainSlot } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import { noModelDigest } from '../no-model-detector.ts';

/** The model that a pipeline runs; undefined where it has none. */
export function servingModel({ model, version, digest }: DetectorIdentity): DesiredModel | undefined {
  return digest === noModelDigest ? undefined : { name: model, version, digest };
}

interface Start {
  /** Should serve, and could not be brought up. */
  readonly lost: DesiredModel | undefined;
  readonly serving: DesiredModel | undefined;
  readonly cameras: readonly string[];
  readonly problem: string | undefined;
  readonly slot?: string;
}

/** What the fleet must know of the model that a device starts with; undefined where all is well. */
export function lostModelEvent({
  lost,
  serving,
  cameras,
  problem,
  slot = mainSlot,
}: Start): AgentEvent | undefined {
  if (lost === undefined && serving !== undefined) return undefined;
  const why = problem === undefined ? '' : ` ${problem}`;
  const meanwhile =
    serving === undefined
      ? `No model serves; ${cameras.length === 1 ? 'camera' : 'cameras'} ${cameras.join(', ')} wait for one.`
      : `${serving.name} ${serving.version} serves meanwhile.`;
  const where = slot === mainSlot ? '' : ` in the slot ${slot}`;
  const data = { slot, ...(serving === undefined ? {} : { serving: serving.digest }) };
  return lost === undefined
    ? {
        kind: 'model.missing',
        severity: 'critical',
        message: `This device has no model.${why} ${meanwhile} Order a model for it.`,
        data,
      }
    : {
        kind: 'model.lost',
        severity: serving === undefined ? 'critical' : 'error',
        message: `${lost.name} ${lost.version} served last${where} and can't be brought up.${why} ${meanwhile} It is fetched again.`,
        data: { ...data, digest: lost.digest },
      };
}

/** Bytes of a model changed on the disk. `movedTo`: undefined where the disk refused to move it. */
export function damagedModelEvent(damaged: {
  readonly digest: string;
  readonly reason: string;
  readonly movedTo: string | undefined;
}): AgentEvent {
  const { digest, reason, movedTo } = damaged;
  const aside = movedTo === undefined ? 'It could not be moved aside.' : `It was moved to ${movedTo}.`;
  return {
    kind: 'model.damaged',
    severity: 'error',
    message: `A model on the disk is damaged (${digest}): ${reason} ${aside}`,
    data: { digest },
  };
}
