import type { Detector, NodeStats } from '../../perception/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import { noModelDigest } from '../no-model-detector.ts';
import type { PipelineHost } from '../ports.ts';
import type { WatchedStats } from './probation.ts';

/** The pipeline as one slot sees it. */
export interface SlotHost {
  /** New frames go to `detector` at once; resolves when the one before owes nothing any more. */
  swap(detector: Detector): Promise<void>;
  /** For `main` the rates of its cameras, otherwise those of the nodes of this slot. */
  stats(): WatchedStats;
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

function statsOfSlot(pipeline: PipelineHost, slot: string): WatchedStats {
  const stats = pipeline.stats();
  if (slot === mainSlot) return stats;
  return {
    detector: pipeline.identities().get(slot) ?? { engine: 'none' },
    cameras: stats.nodes.filter((node) => node.slot === slot).map(watchedNode),
  };
}

const none = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 };

/** A node of a shadow or of crops has no rate of its own to keep; what a frame takes was held to the budget before. */
function watchedNode({ camera, frames }: NodeStats): WatchedStats['cameras'][number] {
  return { camera, frames, framesPerSecond: 0, preprocessMs: none, inferMs: none, postprocessMs: none };
}
