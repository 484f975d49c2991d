import type { HardFrame } from '../../protocol/index.ts';
import { clip, round } from './clipped-box.ts';

/**
 * The annotations of a data set in the form of COCO (https://cocodataset.org/#format-data): what the model saw, as a
 * beginning for whoever corrects it. `score` is beside the standard, as in COCO results; tools that do not know it pass
 * over it. Frames without a detection are images without annotations.
 */
export interface CocoDataset {
  readonly info: {
    readonly description: string;
    readonly version: string;
    readonly date_created: string;
    readonly contributor: string;
  };
  readonly licenses: readonly never[];
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
    readonly date_captured: string;
    /** Beside the standard: where it comes from and why it was kept. */
    readonly goshawk: {
      readonly device: string;
      readonly camera: string;
      readonly frame: string;
      readonly reason: string;
      readonly model: string;
      readonly blurred: readonly string[];
    };
  }[];
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly category_id: number;
    /** x, y, width, height in pixels. */
    readonly bbox: readonly [number, number, number, number];
    readonly area: number;
    readonly iscrowd: 0;
    readonly score: number;
  }[];
  readonly categories: readonly {
    readonly id: number;
    readonly name: string;
    readonly supercategory: string;
  }[];
}

export function imageName(frame: HardFrame): string {
  return `${frame.id}.jpg`;
}

/** `createdMs`: for the description of the data set. Times are written as ISO 8601, UTC. */
export function cocoDataset(device: string, frames: readonly HardFrame[], createdMs: number): CocoDataset {
  const labels = [...new Set(frames.flatMap((frame) => frame.detections.map(({ label }) => label)))].sort();
  const categoryOf = new Map(labels.map((label, index) => [label, index + 1]));
  const annotations: CocoDataset['annotations'][number][] = [];
  const images = frames.map((frame, index) => {
    for (const { label, score, box } of frame.detections) {
      const clipped = clip(box, frame.width, frame.height);
      if (clipped === undefined) continue;
      annotations.push({
        id: annotations.length + 1,
        image_id: index + 1,
        category_id: categoryOf.get(label) ?? 0,
        bbox: clipped,
        area: round(clipped[2] * clipped[3]),
        iscrowd: 0,
        score: Math.round(score * 10_000) / 10_000,
      });
    }
    return {
      id: index + 1,
      file_name: imageName(frame),
      width: frame.width,
      height: frame.height,
      date_captured: isoTime(frame.timeMs),
      goshawk: {
        device,
        camera: frame.camera,
        frame: frame.id,
        reason: frame.reason,
        model: frame.modelDigest,
        blurred: [...frame.blurred],
      },
    };
  });
  return {
    info: {
      description: `Hard frames of ${device}. The boxes are the model's own and not the truth: correct them first.`,
      version: '1',
      date_created: isoTime(createdMs),
      contributor: 'goshawk',
    },
    licenses: [],
    images,
    annotations,
    categories: labels.map((name, index) => ({ id: index + 1, name, supercategory: '' })),
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
