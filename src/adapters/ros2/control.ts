import { type Clock, describeError, type Log, silentLog } from '../../base/index.ts';
import { type CameraSettings, type DetectorIdentity, unknownClasses } from '../../perception/index.ts';
import {
  boolParameter,
  doubleParameter,
  type Parameter,
  type RosEndpoint,
  type RosNode,
  serveParameters,
  stringsParameter,
} from '../../ros2/index.ts';
import { cameraPrefix, parameterPrefix } from './camera-topics.ts';

/** What of a pipeline can be steered; `Pipeline` is one. */
export interface Steerable {
  /** Undefined while no model is loaded. */
  readonly identity: Pick<DetectorIdentity, 'model' | 'labels'> | undefined;
  settings(camera: string): CameraSettings;
  configure(camera: string, settings: Partial<CameraSettings>): void;
}

export interface RosControlOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly cameras: readonly string[];
  readonly pipeline: Steerable;
  /** Of the node, beside those of its cameras. */
  readonly further?: readonly Parameter[];
  readonly log?: Log;
}

const part = { from: 0, to: 1 };

/**
 * Cameras steered from the ROS graph: `~/enable` (std_srvs/srv/SetBool) and the parameters `enabled`, `score_threshold`,
 * `iou_threshold` and `classes`, which ask and tell the pipeline itself: what another side set is what `ros2 param get`
 * shows. Of a camera with a name `~/<camera>/enable` and `<camera>.enabled`.
 */
export function serveControl({
  node,
  clock,
  cameras,
  pipeline,
  further = [],
  log = silentLog,
}: RosControlOptions): RosEndpoint[] {
  const change = (camera: string, settings: Partial<CameraSettings>) => {
    pipeline.configure(camera, settings);
    log.info('settings changed from ROS 2', { camera, ...settings });
  };
  const switches = cameras.map((camera) =>
    node.serve(`${cameraPrefix(camera)}/enable`, 'std_srvs/srv/SetBool', ({ data: enabled }) => {
      try {
        change(camera, { enabled });
        return { success: true, message: `${camera} is ${enabled ? 'on' : 'off'}` };
      } catch (error) {
        return { success: false, message: describeError(error) };
      }
    }),
  );
  const parameters = cameras.flatMap((camera) => {
    return cameraParameters(
      parameterPrefix(camera),
      () => pipeline.settings(camera),
      (settings) => {
        // The fleet may name classes of a model that is still to come; who sets a parameter by hand made a mistake.
        const { identity } = pipeline;
        const wrong = identity && unknownClasses(settings.classes ?? [], identity);
        if (wrong !== undefined) throw wrong;
        change(camera, settings);
      },
    );
  });
  return [...switches, ...serveParameters(node, clock, [...parameters, ...further])];
}

function cameraParameters(
  prefix: string,
  settings: () => CameraSettings,
  change: (settings: Partial<CameraSettings>) => void,
): Parameter[] {
  return [
    boolParameter({
      name: `${prefix}enabled`,
      description: 'Pictures of the camera are looked at',
      get: () => settings().enabled,
      set: (enabled) => change({ enabled }),
    }),
    doubleParameter(
      {
        name: `${prefix}score_threshold`,
        description: 'Smallest score that is reported',
        get: () => settings().scoreThreshold,
        set: (scoreThreshold) => change({ scoreThreshold }),
      },
      part,
    ),
    doubleParameter(
      {
        name: `${prefix}iou_threshold`,
        description: 'Overlap above which the weaker of two boxes is dropped',
        get: () => settings().iouThreshold,
        set: (iouThreshold) => change({ iouThreshold }),
      },
      part,
    ),
    stringsParameter({
      name: `${prefix}classes`,
      description: 'Names of the classes that are reported; none: all',
      constraints: 'Classes of the model that is loaded',
      get: () => settings().classes,
      set: (classes) => change({ classes }),
    }),
  ];
}
