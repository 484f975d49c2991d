import type { TfMissing } from '../../ros2/index.ts';

/** Why a result has no place: `about` is the same as long as the cause is. */
export interface MissingPlace {
  readonly about: string;
  readonly reason: string;
  readonly remedy?: string;
}

/** In words, with what to do. */
export function missingPlace(missing: TfMissing): MissingPlace {
  const frame = JSON.stringify(missing.frame.slice(0, 100));
  const about = `${missing.kind} ${frame}`;
  switch (missing.kind) {
    case 'unknown':
      return {
        about,
        reason: `tf has no frame ${frame}`,
        remedy:
          'Publish where it is (ros2 run tf2_ros static_transform_publisher, or robot_state_publisher), or give xyz and xyzw in the source.',
      };
    case 'unconnected':
      return {
        about,
        reason: `tf does not connect ${frame} and ${JSON.stringify(missing.other.slice(0, 100))}: they are in two trees`,
        remedy: 'Look with ros2 run tf2_tools view_frames which link is missing, and publish it.',
      };
    case 'loop':
      return {
        about,
        reason: `the tree of tf has a loop at ${frame}, or more than 256 links`,
        remedy: 'Look with ros2 run tf2_tools view_frames which node publishes a parent below its child.',
      };
    case 'past':
      return {
        about,
        reason: `the picture is ${inMs(missing.byNs)} older than what tf knows of ${frame} (10 s are kept)`,
        remedy:
          'Compare the clocks of the camera and of the publisher of that frame; a detector that takes seconds is too slow.',
      };
    case 'future':
      return {
        about,
        reason: `tf tells where ${frame} is ${inMs(missing.byNs)} too late for the picture`,
        remedy:
          'Raise tf_wait_ms of the source, or publish that frame more often; tf_tolerance_ms takes an older transform as it is. Compare the clocks where the time is long.',
      };
  }
}

function inMs(ns: bigint): string {
  return `${(Number(ns) / 1e6).toFixed(1)} ms`;
}
