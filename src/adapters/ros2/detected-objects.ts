import { defined } from '../../base/index.ts';
import type { ChildDetection, TrackedDetection } from '../../perception/index.ts';
import type { DetectedObject } from '../../ros2/index.ts';

/**
 * Detections as vision_msgs has them. What a classifier said of a detection is a further hypothesis, named `<node>:<label>`.
 * What was found inside of it follows as detections of their own, with the id `<id of the parent>/<node>/<number>`, where
 * the parent's id is its track's, or `#` and its place in the frame.
 */
export function detectedObjects(detections: readonly TrackedDetection[]): readonly DetectedObject[] {
  if (!detections.some(({ attributes, children }) => attributes !== undefined || children !== undefined))
    return detections;
  return detections.flatMap((detection, place) => {
    const { trackId, children } = detection;
    const own = children === undefined ? '' : `#${place}`;
    return withChildren(detection, trackId === undefined ? own : String(trackId));
  });
}

function withChildren(detection: TrackedDetection | ChildDetection, id: string): DetectedObject[] {
  const { label, score, box, rotated, attributes = [], children = [] } = detection;
  const more = attributes.map((said) => ({ label: `${said.node}:${said.label}`, score: said.score }));
  return [
    { label, score, box, id, ...defined({ rotated }), ...(more.length === 0 ? {} : { more }) },
    ...children.flatMap((child, place) => withChildren(child, `${id}/${child.node}/${place}`)),
  ];
}
