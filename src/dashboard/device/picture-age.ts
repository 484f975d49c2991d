import type { DeviceSummary } from '../api/types.ts';

/** A frame that was taken longer ago is not called live. */
const staleMs = 4000;

export interface PictureFacts {
  readonly device: Pick<DeviceSummary, 'online' | 'health'>;
  readonly camera: string;
  readonly paused: boolean;
  /** When the newest frame came here, and how old it was when the device sent it; undefined before the first. */
  readonly frame: { readonly receivedMs: number; readonly captureToPublishMs: number } | undefined;
  readonly nowMs: number;
}

export interface PictureState {
  readonly state: 'live' | 'frozen' | 'blind' | 'held' | 'old' | 'offline' | 'none';
  /** The age of the picture's contents; undefined if unknown. */
  readonly ageMs: number | undefined;
  /** What is wrong with the camera, as its device says. */
  readonly what?: string;
}

/**
 * What may be said of the picture. Frames that come say that a camera sends, and not that it sees: one that is frozen goes
 * on sending what it saw last.
 */
export function pictureState({ device, camera, paused, frame, nowMs }: PictureFacts): PictureState {
  if (frame === undefined) return { state: 'none', ageMs: undefined };
  const ageMs = Math.max(0, nowMs - frame.receivedMs) + frame.captureToPublishMs;
  if (!device.online) return { state: 'offline', ageMs };
  if (paused) return { state: 'held', ageMs };
  const blind = device.health.problems.find((one) => one.kind === 'blind' && one.camera === camera);
  if (blind !== undefined) {
    const { what, sinceMs } = blind;
    if (what !== 'frozen') return { state: 'blind', ageMs, what };
    return {
      state: 'frozen',
      ageMs: sinceMs === undefined ? undefined : Math.max(ageMs, nowMs - sinceMs),
      what,
    };
  }
  return { state: ageMs < staleMs ? 'live' : 'old', ageMs };
}
