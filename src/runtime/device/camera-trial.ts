import { decodePicture, encodePreview, type Picture } from '../../adapters/sharp/index.ts';
import { type CheckedCamera, foundLabels, PrivacyRule, usualPrivacy } from '../../agent/index.ts';
import { defined, LimitError, toBase64 } from '../../base/index.ts';
import {
  type Box,
  type DetectorIdentity,
  defaultCameraSettings,
  mainSlot,
  type Pipeline,
} from '../../perception/index.ts';
import { type CallRequestOf, type CameraTrial, maxTrialJpegBytes } from '../../protocol/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { runJob } from '../trials/run-job.ts';

const frameWaitMs = 20_000;
/** Starting the process included. */
const limitMs = 30_000;
/** With looking for persons; the controller waits 45 s. */
const answerMs = 38_000;
/** What the model looks at; what is sent is smaller. */
const takenWidth = 1280;
const sentWidths = [640, 480, 320] as const;

/** As the rule knows a camera that is not there. */
const untried = 'trial';

type ViewerRole = CallRequestOf<'try-camera'>['role'];

export interface TrialWiring {
  readonly settings: Pick<AgentSettings, 'privacy'>;
  readonly live: () => Pipeline | undefined;
}

/**
 * One picture of a camera that is not there yet, taken in a process of its own, and hidden by the rule that the device would
 * keep for it: what the model that serves finds of persons is looked for here as in a live picture.
 */
export async function takeTrialPicture(
  { source, username, passwordFile }: CheckedCamera,
  role: ViewerRole,
  { settings, live }: TrialWiring,
): Promise<CameraTrial> {
  const late = AbortSignal.timeout(answerMs);
  const {
    width,
    height,
    encoding,
    tookMs,
    jpeg = '',
  } = await runJob(
    {
      ...{ kind: 'frames', source, frames: 1, waitMs: frameWaitMs, fps: 30, seed: 1 },
      ...{ jpegWidth: takenWidth, ...defined({ username, passwordFile }) },
    } as const,
    { what: 'The camera', limitMs, signal: late },
  );
  const picture = await decodePicture(Buffer.from(jpeg, 'base64'), 'The picture of the camera');
  const rule = new PrivacyRule({
    cameras: { [untried]: { ...usualPrivacy, ...settings.privacy } },
    settings: () => defaultCameraSettings,
  });
  const { privacy, hidden } = await hiddenOn(picture, role, { rule, pipeline: live(), late });
  const shown = { hidden, masks: rule.masks(untried), flat: privacy === 'boxes' };
  for (const maxWidth of sentWidths) {
    const sent = await encodePreview(picture, { ...shown, maxWidth });
    if (sent.byteLength <= maxTrialJpegBytes)
      return { width, height, encoding, tookMs: Math.round(tookMs), privacy, jpeg: toBase64(sent) };
  }
  throw new LimitError('camera-picture', 'The picture is too large to be sent.', 'Report this defect.');
}

const inferMs = 10_000;

/** Where nothing finds persons on it now, nothing of the picture is shown unless the rule is to show all. */
async function hiddenOn(
  picture: Picture,
  role: ViewerRole,
  { rule, pipeline, late }: { rule: PrivacyRule; pipeline: Pipeline | undefined; late: AbortSignal },
): Promise<{ privacy: CameraTrial['privacy']; hidden: readonly Box[] }> {
  const modeBy = (identity: DetectorIdentity | undefined) =>
    rule.preview(untried, role, identity === undefined ? [] : foundLabels(identity));
  const before = modeBy(pipeline?.identities().get(mainSlot));
  if (before !== 'blurred' || pipeline === undefined) return { privacy: before, hidden: [] };
  const { width, height } = picture;
  const seek = { ...defaultCameraSettings, scoreThreshold: rule.hideScore(untried), classes: [] };
  try {
    const frame = { ...picture, stampNs: 0n, frameId: '' };
    const signal = AbortSignal.any([late, AbortSignal.timeout(inferMs)]);
    const { result, identity } = await pipeline.request(mainSlot, frame, seek, signal);
    // Another model may serve by now.
    if (modeBy(identity) !== 'blurred') return { privacy: 'boxes', hidden: [] };
    const { boxes } = rule.hidden({ camera: untried, width, height, detections: result.detections });
    return { privacy: 'blurred', hidden: boxes };
  } catch {
    return { privacy: 'boxes', hidden: [] };
  }
}
