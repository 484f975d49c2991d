import type { Detector, PipelineStats } from '../../perception/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import { noModelDigest } from '../no-model-detector.ts';
import type { PipelineHost } from '../ports.ts';

/** The pipeline as one slot sees it. */
export interface SlotHost {
  /** New frames go to `detector` at once; resolves when the one before owes nothing any more. */
  swap(detector: Detector): Promise<void>;
  /** Of the nodes of this slot alone. */
  stats(): PipelineStats;
}

/** `main` is always there; another slot is there as long as it has a model. */
export function slotHost(pipeline: PipelineHost, slot: string): SlotHost {
  return {
    stats: () => statsOfSlot(pipeline, slot),
    async swap(detector) {
      const there = pipeline.identities().has(slot);
      if (slot !== mainSlot && detector.identity.digest === noModelDigest) {
        if (there) await pipeline.removeSlot(slot);
      } else if (there) await pipeline.swap(detector, slot);
      else await pipeline.addSlot(slot, detector);
    },
  };
}

function statsOfSlot(pipeline: PipelineHost, slot: string): PipelineStats {
  const stats = pipeline.stats();
  if (slot === mainSlot) return stats;
  const detector = pipeline.identities().get(slot) ?? {
    ...stats.detector,
    digest: noModelDigest,
    engine: 'none',
  };
  return { ...stats, detector, cameras: [] };
}
