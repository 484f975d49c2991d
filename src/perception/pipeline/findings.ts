import type { Attribute, ChildDetection, Detection, NodeEmbedding, TrackedDetection } from '../detection.ts';
import type { GraphNode } from '../graph/node-settings.ts';
import { cropRegion, type Region } from '../preprocess/crop.ts';
import { type RotatedRegion, rotatedRegion } from '../preprocess/rotated-crop.ts';

/** One detection and what later nodes found in it, while they are at it. */
export interface Finding<D extends Detection = Detection> {
  readonly detection: D;
  readonly attributes: Attribute[];
  readonly embeddings: NodeEmbedding[];
  readonly children: Finding<Detection & { readonly node: string }>[];
}

export function finding<D extends Detection>(detection: D): Finding<D> {
  return { detection, attributes: [], embeddings: [], children: [] };
}

export interface Crop {
  readonly finding: Finding;
  readonly region: Region;
  /** The box as it lies, where the node wants it upright. */
  readonly rotated?: RotatedRegion;
}

/** What a node is to look at, the strongest first. */
export function cropsOf(
  { crops }: GraphNode,
  findings: readonly Finding[],
  frame: { readonly width: number; readonly height: number },
): Crop[] {
  if (crops === undefined) return [];
  const { classes, minScore, expand, maxCrops, rotate } = crops;
  return findings
    .filter(({ detection }) => detection.score >= minScore)
    .filter(({ detection }) => classes.length === 0 || classes.includes(detection.label))
    .sort((a, b) => b.detection.score - a.detection.score)
    .flatMap((found) => {
      const region = cropRegion(found.detection.box, expand, frame);
      if (region === undefined) return [];
      const lies = rotate ? found.detection.rotated : undefined;
      const rotated = lies && rotatedRegion(lies, expand);
      return [{ finding: found, region, ...(rotated === undefined ? {} : { rotated }) }];
    })
    .slice(0, maxCrops);
}

/** With attributes and children where there are any. */
export function publishedDetection<D extends TrackedDetection | ChildDetection>({
  detection,
  attributes,
  embeddings,
  children,
}: Finding<D>): D {
  if (attributes.length === 0 && embeddings.length === 0 && children.length === 0) return detection;
  return {
    ...detection,
    ...(attributes.length === 0 ? {} : { attributes }),
    ...(embeddings.length === 0 ? {} : { embeddings }),
    ...(children.length === 0 ? {} : { children: children.map(publishedDetection) }),
  };
}
