import type { CameraDepth, DecodeDepth, TfListener } from '../../adapters/ros2/index.ts';
import { type Cancel, defined, type Log } from '../../base/index.ts';
import type { FrameSource } from '../../perception/index.ts';
import type { RosNode, RosTime } from '../../ros2/index.ts';
import type { DepthSpec } from './depth-spec.ts';

/** The depth cameras beside cameras, by these cameras' names. */
export class RosDepths {
  readonly #depths = new Map<string, CameraDepth>();
  readonly #time: RosTime;
  /** One for all of them. */
  #tf: TfListener | undefined;
  #cancelJumps: Cancel | undefined;

  constructor(time: RosTime) {
    this.#time = time;
  }

  of(camera: string): CameraDepth | undefined {
    return this.#depths.get(camera);
  }

  clear(): void {
    this.#depths.clear();
    this.#cancelJumps?.();
    this.#tf = undefined;
  }

  /** A source whose depth camera is heard while it is open. */
  async with(
    source: FrameSource,
    { topic, placement, tf }: DepthSpec,
    node: RosNode,
    log: Log,
  ): Promise<FrameSource> {
    const { DepthKeeper, TfListener } = await import('../../adapters/ros2/index.ts');
    const { camera } = source;
    if (tf !== undefined && this.#tf === undefined) {
      const made = new TfListener(node, log);
      this.#tf = made;
      this.#cancelJumps = this.#time.onJump(() => made.timeJumped());
    }
    const listener = tf === undefined ? undefined : this.#tf;
    const keeper = new DepthKeeper({ node, clock: this.#time, log, camera, decode: decodeDepth });
    this.#depths.set(camera, {
      at: (stampNs) => keeper.at(stampNs),
      awaits: (stampNs) => keeper.awaits(stampNs),
      onChange: (changed) => keeper.onChange(changed),
      get cameraInfo() {
        return keeper.cameraInfo;
      },
      ...defined({ placement }),
      ...(tf === undefined || listener === undefined ? {} : { tf: { ...tf, listener } }),
    });
    let heard = false;
    return {
      camera,
      open: async (receiver) => {
        keeper.open(topic);
        if (!heard) listener?.open();
        heard = true;
        await source.open(receiver);
      },
      close: async () => {
        keeper.close();
        if (heard) listener?.close();
        heard = false;
        await source.close();
      },
    };
  }
}

/** The library is loaded when somebody compresses depth. */
const decodeDepth: DecodeDepth = async (png) =>
  (await import('../../adapters/sharp/index.ts')).decodeGrey16(png);
