import { asGoshawkError, InternalError } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import type { DetectorFactory, ModelCheck } from '../ports.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import type { SlotMemory } from './slot-memory.ts';
import { refuseIfSuperseded } from './superseded.ts';

export interface CheckedDetectorPorts {
  readonly factory: DetectorFactory;
  readonly check?: ModelCheck;
  readonly record: DeploymentRecord;
  readonly memory: SlotMemory;
  readonly closing: () => boolean;
  /** The detector that is made, from its first moment on; who is told closes it if all fails. */
  readonly made: (detector: Detector | undefined) => void;
  /** What serves now: its engine may be replaced meanwhile. */
  readonly serving: () => Detector;
  /** Lets one go that will not serve. */
  readonly leave: (detector: Detector) => Promise<void>;
}

/**
 * A detector that holds what its bundle promises. An engine that another device built and that does not is set aside, and
 * one is built here in its place: only what that one does is held against the model.
 */
export async function checkedDetector(
  bundle: Bundle,
  signal: AbortSignal,
  ports: CheckedDetectorPorts,
): Promise<Detector> {
  const { factory, check, record, closing, made, leave } = ports;
  await setAsideAfterCrash(bundle, ports);
  for (;;) {
    refuseIfSuperseded(signal);
    const beforeBytes = check?.heldBytes?.();
    const before = ports.serving();
    const detector = await factory.create(bundle, (done) => record.advance(done), signal);
    made(detector);
    expectDigest(detector, bundle.digest);
    refuseIfSuperseded(signal);
    await record.move('prepared');
    try {
      await fairCheck(check, { bundle, detector, signal, beforeBytes }, () => ports.serving() === before);
      refuseIfSuperseded(signal);
      return detector;
    } catch (error) {
      const reason = asGoshawkError(error, 'deployment-failed').explain();
      // On the disk of the engines before it is in the memory: cut off between the two, the bad one is not taken again.
      const ended = signal.aborted || closing();
      if (ended || (await factory.setAside?.(bundle, reason, detector)) !== true) throw error;
      made(undefined);
      await leave(detector);
      refuseIfSuperseded(signal);
      await record.move('set-aside', { restarts: 0 });
    }
  }
}

/** An engine that was replaced meanwhile took memory and time: then the check is made again, without a measure of memory. */
async function fairCheck(
  check: ModelCheck | undefined,
  of: { bundle: Bundle; detector: Detector; signal: AbortSignal; beforeBytes: number | undefined },
  fair: () => boolean,
): Promise<void> {
  const { bundle, detector, signal, beforeBytes } = of;
  try {
    await check?.check(bundle, detector, signal, beforeBytes);
  } catch (error) {
    if (fair() || signal.aborted) throw error;
    await check?.check(bundle, detector, signal);
  }
}

/** The agent ended while the model was at work: an engine of another device may be what ended it, and is not tried again. */
async function setAsideAfterCrash(
  bundle: Bundle,
  { factory, record, memory }: CheckedDetectorPorts,
): Promise<void> {
  if (record.deployment.restarts === 0) return;
  const reason = 'The agent ended while it was tried.';
  if ((await factory.setAside?.(bundle, reason)) !== true) return;
  await memory.update({ deployment: { ...record.deployment, restarts: 0 } });
}

function expectDigest({ identity }: Detector, digest: string): void {
  if (identity.digest !== digest)
    throw new InternalError('deployment-detector', `The engine says it runs ${identity.digest}.`, '');
}
