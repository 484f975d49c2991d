import type { BridgeSettings, ModelSwitch, RedactPicture, TakeSnapshot } from '../../adapters/ros2/index.ts';
import { type AgentEvent, foundLabels, type PrivacyRule, type RobotHost } from '../../agent/index.ts';
import { type Clock, InputError, MissingError } from '../../base/index.ts';
import type { DetectionSink, Image } from '../../perception/index.ts';
import { serveRosModels } from '../ros/model-control.ts';
import type { RosLink } from '../ros/ros-link.ts';
import type { ReloadOutcome } from '../settings/reloader.ts';
import type { RosSync } from '../settings/ros.ts';
import { withSourcedFolders } from './message-folders.ts';

/** Reads the settings again; the program gives it once it runs. */
export type Reload = () => Promise<ReloadOutcome>;

/** The services by which the graph steers an agent, beside those of its cameras. */
export async function serveRosAgent(
  ros: RosLink,
  models: ModelSwitch,
  reload: () => Reload | undefined,
): Promise<void> {
  await serveRosModels(ros, models, async () => {
    const read = reload();
    if (read === undefined)
      throw new MissingError('ros-reload-early', 'The agent is still starting.', 'Ask again in a moment.');
    const { problem, ...outcome } = await read();
    if (problem !== undefined) throw problem;
    return inWords(outcome);
  });
}

function inWords({ applied, waiting }: ReloadOutcome): string {
  const said = (paths: readonly string[]) => (paths.length === 0 ? 'nothing' : paths.join(', '));
  const rest = waiting.length === 0 ? '' : `; for a restart waits ${said(waiting)}`;
  return `read again: ${said(applied)} changed${rest}`;
}

/** `~/synchronized`, where the settings ask for it. */
export async function rosSynchronized(
  ros: RosLink,
  sync: RosSync | undefined,
  cameras: readonly string[],
): Promise<DetectionSink[]> {
  if (sync === undefined) return [];
  const unknown = sync.cameras.find((camera) => !cameras.includes(camera));
  if (unknown !== undefined)
    throw new InputError(
      'ros-sync-camera',
      `ros.sync names the camera ${unknown}, which this device does not have.`,
      `Name cameras of its settings: ${cameras.join(', ')}.`,
    );
  const { RosSynchronizedSink } = await import('../../adapters/ros2/index.ts');
  return [await ros.add(({ node }) => new RosSynchronizedSink({ node, ...sync }))];
}

/** What the robot's nodes say, where the settings ask for it. */
export async function rosBridge(
  ros: RosLink,
  bridge: BridgeSettings | undefined,
  { clock, reportEvent }: { readonly clock: Clock; readonly reportEvent: (event: AgentEvent) => unknown },
): Promise<RobotHost | undefined> {
  if (bridge === undefined) return undefined;
  const { parseBridge, RosBridge } = await import('../../adapters/ros2/index.ts');
  const parsed = parseBridge(withSourcedFolders(bridge, process.env));
  // Not the node's time, which may be simulated: when a fault began is told in that of the machine.
  return ros.add(({ node, log }) => new RosBridge({ node, clock, log, bridge: parsed, reportEvent }));
}

const flatGrey = 36;

/** What of a picture the robot's own graph may see: nobody knows who listens there. */
export function graphPicture(rule: PrivacyRule): RedactPicture {
  return async (image, result) => {
    // Before anything is waited for: what others found belongs to this picture.
    const mode = rule.graph(result.camera, foundLabels(result.identity));
    const { boxes } = rule.hidden(result);
    const masks = rule.masks(result.camera);
    if (mode === 'boxes') return flatPicture(image);
    if (mode === 'plain' && masks.length === 0) return image;
    const { hideBoxes } = await import('../../adapters/sharp/index.ts');
    return hideBoxes(image, mode === 'plain' ? [] : boxes, masks);
  };
}

export function privateSnapshot(rule: PrivacyRule): TakeSnapshot {
  const redact = graphPicture(rule);
  return async (image, result, { annotated }) => {
    const seen = await redact(image, result);
    const { drawDetections } = await import('../../adapters/sharp/index.ts');
    return annotated
      ? drawDetections(seen, result.detections, { rules: result.rules })
      : drawDetections(seen, []);
  };
}

function flatPicture({ width, height }: Image): Image {
  const data = new Uint8Array(3 * width * height).fill(flatGrey);
  return { width, height, step: 3 * width, encoding: 'rgb8', data };
}
