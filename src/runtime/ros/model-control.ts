import type { ModelSwitch, TakeSnapshot } from '../../adapters/ros2/index.ts';
import type { DetectionSink } from '../../perception/index.ts';
import type { RosLink } from './ros-link.ts';

/** `~/set_model`, `~/swap_model` and `~/reload`. */
export async function serveRosModels(
  ros: RosLink,
  models: ModelSwitch,
  reload: () => Promise<string>,
): Promise<void> {
  const { serveModels } = await import('../../adapters/ros2/index.ts');
  await ros.add(({ node, clock, log }) => {
    const endpoints = serveModels({ node, clock, log, models, reload });
    return {
      close: () => {
        for (const endpoint of endpoints) endpoint.close();
      },
    };
  });
}

/** `~/snapshot`. */
export async function serveRosSnapshots(
  ros: RosLink,
  cameras: readonly string[],
  take: TakeSnapshot,
): Promise<DetectionSink> {
  const { RosSnapshotSink } = await import('../../adapters/ros2/index.ts');
  return ros.add(({ node, clock }) => new RosSnapshotSink({ node, clock, cameras, take }));
}

/** With nothing hidden: for a program that has no rule of privacy. */
export const plainSnapshot: TakeSnapshot = async (image, result, { annotated }) => {
  const { drawDetections } = await import('../../adapters/sharp/index.ts');
  return annotated
    ? drawDetections(image, result.detections, { rules: result.rules })
    : drawDetections(image, []);
};
