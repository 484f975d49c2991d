import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeClip } from '../../adapters/ffmpeg/index.ts';
import { FilesystemClipStore, FilesystemPacketSpool } from '../../adapters/filesystem/index.ts';
import { encodePreview } from '../../adapters/sharp/index.ts';
import { type AgentEvent, ClipRecorder, type PrivacyRule } from '../../agent/index.ts';
import { type Clock, InputError, type Log } from '../../base/index.ts';
import type { FrameSource } from '../../perception/index.ts';
import type { ClipSettings } from '../../protocol/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { PicturePackets } from '../sources/picture-packets.ts';

export interface ClipWiring {
  readonly clock: Clock;
  readonly log: Log;
  readonly privacy: PrivacyRule;
  readonly reportEvent: (event: AgentEvent) => void;
}

/** Undefined where the settings of no camera ask for clips, and none are left of earlier ones. */
export async function openClips(
  { cameras, dataDir }: AgentSettings,
  ports: ClipWiring,
): Promise<ClipRecorder | undefined> {
  const wanted = Object.entries(cameras).flatMap(([camera, { clips }]) =>
    clips === undefined ? [] : [[camera, clips] as const],
  );
  const folder = join(dataDir, 'clips');
  if (wanted.length === 0 && !existsSync(folder)) return undefined;
  for (const [camera, settings] of wanted) checkClips(camera, settings);
  const recorder = new ClipRecorder(Object.fromEntries(wanted), {
    ...ports,
    store: new FilesystemClipStore(folder),
    ...(wanted.some(([, { ring }]) => ring === 'disk')
      ? { spool: new FilesystemPacketSpool(join(dataDir, 'clip-ring')) }
      : {}),
    write: (path, job, signal) => writeClip(path, job, { signal }),
  });
  await recorder.open();
  return recorder;
}

const mostMemory = 2_000_000_000;

function checkClips(camera: string, { before, after, seconds, ring, ringBytes }: ClipSettings): void {
  if (ring === 'memory' && ringBytes > mostMemory)
    throw new InputError(
      'clips-memory',
      `The ring of "${camera}" has ${ringBytes} bytes of memory; ${mostMemory} are the most.`,
      `Set cameras.${camera}.clips.ring to "disk", or lower ringBytes.`,
    );
  if (before + after <= seconds) return;
  throw new InputError(
    'clips-seconds',
    `A clip of "${camera}" would have ${before + after} s, and ${seconds} s are held in memory.`,
    `Raise cameras.${camera}.clips.seconds, or lower before and after.`,
  );
}

/** Of a camera that gives no stream beside its pictures, the pictures. */
export function pictureClips(
  source: FrameSource,
  { clips, clock, log }: { readonly clips: ClipRecorder; readonly clock: Clock; readonly log: Log },
): FrameSource {
  const packets = clips.packets(source.camera);
  if (packets === undefined) return source;
  const encode = (image: Parameters<typeof encodePreview>[0]) =>
    encodePreview(image, { maxWidth: image.width, quality: 85 });
  return new PicturePackets(source, { packets, encode, clock, log });
}
