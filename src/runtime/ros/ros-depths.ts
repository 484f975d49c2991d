import type { CameraDepth } from '../../adapters/ros2/index.ts';
import type { Log } from '../../base/index.ts';
import type { FrameSource } from '../../perception/index.ts';
import type { RosNode } from '../../ros2/index.ts';
import type { DepthSpec } from './depth-spec.ts';

/** The depth cameras beside cameras, by these cameras' names. */
export class RosDepths {
  readonly #depths = new Map<string, CameraDepth>();

  of(camera: string): CameraDepth | undefined {
    return this.#depths.get(camera);
  }

  clear(): void {
    this.#depths.clear();
  }

  /** A source whose depth camera is heard while it is open. */
  async with(
    source: FrameSource,
    { topic, placement }: DepthSpec,
    node: RosNode,
    log: Log,
  ): Promise<FrameSource> {
    const { DepthKeeper } = await import('../../adapters/ros2/index.ts');
    const { camera } = source;
    const keeper = new DepthKeeper(node, log, camera);
    this.#depths.set(camera, {
      at: (stampNs) => keeper.at(stampNs),
      get cameraInfo() {
        return keeper.cameraInfo;
      },
      ...(placement === undefined ? {} : { placement }),
    });
    return {
      camera,
      open: async (receiver) => {
        keeper.open(topic);
        await source.open(receiver);
      },
      close: async () => {
        keeper.close();
        await source.close();
      },
    };
  }
}
