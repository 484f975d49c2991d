import { defined } from '../../base/index.ts';
import type { PipelineStats } from '../../perception/index.ts';
import type { TargetHost } from '../ports.ts';
import type { ProvenCamera } from './proof.ts';

/** What the cameras have done since the start, and which of them miss what was promised. */
export function provenCameras({ cameras }: PipelineStats, targets: TargetHost | undefined): ProvenCamera[] {
  const missed = new Map((targets?.readings() ?? []).map((one) => [one.camera, one.missed?.what]));
  return cameras.map(({ camera, frames }) => ({
    camera,
    processed: frames.processed,
    failed: frames.dropped.failed + frames.dropped.timeout,
    ...defined({ missed: missed.get(camera) }),
  }));
}
