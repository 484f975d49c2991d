import { defined } from '../../base/index.ts';
import type { ChildDetection, PerceptionResult, TrackedDetection } from '../../perception/index.ts';

const mostBoxes = 200;
/** What a further node found on a frame so long before the picture's is drawn on it. */
const freshNs = 1_000_000_000n;

/** What is drawn on a picture: what the main node found, what was found in that, and what further nodes found lately. */
export class ShownDetections {
  /** By camera, then node. */
  readonly #further = new Map<string, Map<string, PerceptionResult>>();

  /** The result of a further node. */
  note(result: PerceptionResult): void {
    const nodes = this.#further.get(result.camera) ?? new Map<string, PerceptionResult>();
    this.#further.set(result.camera, nodes);
    nodes.set(result.node ?? '', result);
  }

  /** For a picture of this result's. A node that is no more goes with its last result. */
  of({ camera, stampNs, detections }: PerceptionResult): TrackedDetection[] {
    const nodes = this.#further.get(camera);
    for (const [node, result] of nodes ?? []) {
      const apartNs = stampNs - result.stampNs;
      if (apartNs > freshNs || apartNs < -freshNs) nodes?.delete(node);
    }
    const further = [...(nodes?.values() ?? [])].flatMap((result) => result.detections);
    return [...detections, ...further].flatMap(withInside).slice(0, mostBoxes);
  }
}

/** A detection under its name and what classifiers said of it, then what was found inside of it. */
function withInside(detection: TrackedDetection | ChildDetection): TrackedDetection[] {
  const { classId, label, score, box, attributes = [], children = [] } = detection;
  const trackId = 'trackId' in detection ? detection.trackId : undefined;
  const said = attributes.map((attribute) => attribute.label).join(', ');
  return [
    {
      ...{ classId, score, box, label: said === '' ? label : `${label} (${said})` },
      ...defined({ trackId }),
    },
    ...children.flatMap(withInside),
  ];
}
