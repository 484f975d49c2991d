import { defined, describeError } from '../../base/index.ts';
import { absent, broken, type Check, ok } from './check.ts';

export interface CameraList {
  readonly cameras: readonly {
    /** What `--source` and `cameras.<name>.source` take. */
    readonly source: string;
    readonly name: string;
    readonly formats: readonly {
      readonly format: string;
      readonly readable: boolean;
      readonly sizes: readonly string[];
    }[];
    /** `brightness (0 to 255)`. */
    readonly controls: readonly string[];
    /** Why it can't be asked. */
    readonly problem?: string;
  }[];
  /** Where pictures of `rtsp://`, `csi:` and `gst:` can stay with `memory: device`, and why not; none without GStreamer. */
  readonly memories: readonly { readonly memory: string; readonly problem?: string }[];
}

/** The cameras at this machine's own connectors. Throws where no addon can ask the kernel. */
export async function listMachineCameras(): Promise<CameraList> {
  const { listCameras } = await import('../../../device/v4l2/index.ts');
  const { gstreamerReady, memoriesHere } = await import('../../../device/gstreamer/index.ts');
  return {
    memories: gstreamerReady() === undefined ? memoriesHere() : [],
    cameras: listCameras().map(({ path, facts, formats, controls, problem }) => ({
      source: `v4l2:${path}`,
      name: facts?.name ?? path,
      formats: formats.map(({ fourcc, encoding, sizes }) => ({
        format: fourcc,
        readable: encoding !== undefined,
        sizes: sizes.map(({ width, height, fps }) =>
          fps.length === 0 ? `${width}x${height}` : `${width}x${height} at ${fps.join(', ')}/s`,
        ),
      })),
      controls: controls.map(({ name, least, most }) => `${name} (${least} to ${most})`),
      ...defined({ problem }),
    })),
  };
}

/** The cameras of V4L2. */
export async function checkVideoDevices(): Promise<Check> {
  try {
    const { listCameras } = await import('../../../device/v4l2/index.ts');
    const cameras = listCameras();
    const troubled = cameras.find(({ problem }) => problem !== undefined);
    if (troubled !== undefined)
      return broken('cameras', `v4l2:${troubled.path}: ${troubled.problem}`, 'See goshawk camera list.');
    if (cameras.length > 0)
      return ok(
        'cameras',
        cameras.map(({ path, facts }) => `v4l2:${path} (${facts?.name ?? path})`).join(', '),
      );
    return absent('cameras', 'no video device', 'Plug in a USB camera, or take rtsp:// and http:// ones.');
  } catch (error) {
    return absent('cameras', describeError(error), 'Without the native addon no V4L2 camera is read.');
  }
}
