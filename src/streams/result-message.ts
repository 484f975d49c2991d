import { defined } from '../base/index.ts';
import { coarseDepth, outlinesOf, type PerceptionResult, rulesJson } from '../perception/index.ts';
import type { ResultMessage } from '../protocol/index.ts';

type Found = PerceptionResult['detections'][number];
type FoundInside = NonNullable<Found['children']>[number];
type FoundMessage = ResultMessage['detections'][number];

/** One result as JSON: numbers short enough to read, the stamp as text because it does not fit a double. */
export function resultMessage(result: PerceptionResult): ResultMessage {
  const { timings, identity } = result;
  const { model: name, version, digest } = identity;
  return {
    type: 'frame',
    camera: result.camera,
    ...defined({ node: result.node, slot: result.slot }),
    sequence: result.sequence,
    stampNs: String(result.stampNs),
    frameId: result.frameId,
    model: { name, version, digest },
    ...defined({ origin: result.origin }),
    width: result.width,
    height: result.height,
    detections: result.detections.map((found) => detectionMessage(found)),
    ...defined({ rules: result.rules && rulesJson(result.rules) }),
    timings: {
      preprocessMs: short(timings.preprocessMs),
      inferMs: short(timings.inferMs),
      postprocessMs: short(timings.postprocessMs),
    },
    captureToPublishMs: short(result.captureToPublishMs),
  };
}

/** Four digits: what half precision has. */
const numbers = (values: Float32Array) => Array.from(values, (value) => Number(value.toPrecision(4)));

const short = (value: number) => Number(value.toFixed(2));

function detectionMessage(found: Found | FoundInside): FoundMessage {
  const { label, classId, score, box, rotated, mask, keypoints, depth, data, attributes, children } = found;
  const { embedding, embeddings } = found;
  return {
    ...{ label, classId, score: Number(score.toFixed(4)) },
    box: [short(box.x1), short(box.y1), short(box.x2), short(box.y2)],
    ...defined({ rotated: rotated && rotatedMessage(rotated) }),
    ...(mask === undefined ? {} : { mask: outlinesOf(mask, box).map((ring) => ring.map(short)) }),
    ...(keypoints === undefined
      ? {}
      : {
          keypoints: keypoints.map(({ x, y, score }) => [
            ...[short(x), short(y)],
            ...(score === undefined ? [] : [short(score)]),
          ]),
        }),
    ...defined({ depth: depth && depthMessage(depth), data, embedding: embedding && numbers(embedding) }),
    ...('trackId' in found && found.trackId !== undefined ? { trackId: found.trackId } : {}),
    ...('identity' in found && found.identity !== undefined ? { identity: found.identity } : {}),
    ...(embeddings === undefined
      ? {}
      : { embeddings: embeddings.map(({ node, values }) => ({ node, values: numbers(values) })) }),
    ...(attributes === undefined
      ? {}
      : { attributes: attributes.map((one) => ({ ...one, score: Number(one.score.toFixed(4)) })) }),
    ...(children === undefined
      ? {}
      : { children: children.map((child) => ({ node: child.node, ...detectionMessage(child) })) }),
  };
}

function rotatedMessage({ cx, cy, width, height, angle }: NonNullable<Found['rotated']>) {
  return {
    ...{ cx: short(cx), cy: short(cy), width: short(width), height: short(height) },
    angle: Number(angle.toFixed(4)),
  };
}

/** Of a whole map there are too many values for a message: those at the middles of so many cells across. */
const depthColumns = 32;

function depthMessage(depth: NonNullable<Found['depth']>) {
  const { columns, rows, values } = coarseDepth(depth, depthColumns);
  const shown = Array.from(values, (value) => (Number.isNaN(value) ? null : Number(value.toPrecision(4))));
  return { gives: depth.gives, columns, rows, values: shown };
}
