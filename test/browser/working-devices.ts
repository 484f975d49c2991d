import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Desired, type HardFrame, mainSlot, type Reported } from '../../src/protocol/index.ts';
import { driftStatus, frozen } from '../fakes/drift-events.ts';
import { drawPreview } from '../fakes/fake-picture.ts';
import { loaded, slot } from '../fakes/test-fleet.ts';
import type { Work } from './live-fleet.ts';

const dayMs = 86_400_000;

/** Devices that do what an operator asks of them: take orders, keep frames and clips, restart, and answer. */
export class WorkingDevices implements Work {
  /** Calls that changed something, as `restart cam-1`. */
  readonly done: string[] = [];
  readonly versions = new Map<string, string>();
  readonly answers: NonNullable<Work['answers']>;
  readonly #frozenSinceMs: ReadonlyMap<string, number>;

  constructor(folder: string, frozenSinceMs: ReadonlyMap<string, number>) {
    this.#frozenSinceMs = frozenSinceMs;
    const mp4 = testClip(folder);
    const pieceOf = (whole: Buffer, offset: number) =>
      whole.subarray(offset, offset + 96 * 1024).toString('base64');
    const picture = async () => {
      const { jpeg, ...frame } = await drawPreview(Date.now(), { name: 'street', version: '1.0.0' });
      return { frame, jpeg: Buffer.from(jpeg, 'base64') };
    };
    const kept = picture();
    const note = (what: string) => (id: string) => {
      this.done.push(`${what} ${id}`);
      return { restarts: true };
    };
    this.answers = {
      describe: () => ({
        disk: { freeBytes: 12e9, sizeBytes: 32e9 },
        certificate: { issuer: 'CN=Goshawk test', notAfterMs: Date.now() + 90 * dayMs },
        remote: {
          restart: true,
          logs: true,
          bundle: true,
          cameras: ['rtsp'],
          added: {},
          reboot: 'Not allowed.',
        },
      }),
      frames: async (_, { after, limit }: { after?: string; limit: number }) => {
        const { frame, jpeg } = await kept;
        const all = keptFrames(frame, jpeg.length);
        const from = all.findIndex(({ id }) => id === after) + 1;
        const frames = all.slice(from, from + limit);
        const total = { count: all.length, bytes: all.length * jpeg.length };
        return { frames, more: from + limit < all.length, total };
      },
      frame: async (_, { offset }: { offset: number }) => {
        const { jpeg } = await kept;
        return { size: jpeg.length, jpeg: pieceOf(jpeg, offset) };
      },
      clips: () => ({ clips: [clipOf(mp4.length)], more: false, total: { count: 1, bytes: mp4.length } }),
      clip: (_, { offset }: { offset: number }) => ({ size: mp4.length, data: pieceOf(mp4, offset) }),
      logs: (_, { after = 0 }: { after?: number }) => ({
        lines: [{ number: after + 1, timeMs: Date.now(), level: 'info', message: `Line ${after + 1}` }],
        ...{ next: after + 1, more: false, lost: 0 },
      }),
      bundle: () => ({ id: '0'.repeat(16), size: 6, data: Buffer.from('bundle').toString('base64') }),
      restart: note('restart'),
      'try-camera': async () => {
        const { frame, jpeg } = await kept;
        const { width, height } = frame;
        return {
          width,
          height,
          encoding: 'nv12',
          tookMs: 900,
          jpeg: jpeg.toString('base64'),
          privacy: 'plain',
        };
      },
      'add-camera': note('add-camera'),
    };
  }

  /** As a device that is ordered to run a model runs it at once. */
  reported(id: string, desired: Desired | undefined): Partial<Reported> {
    const model = desired?.slots?.[mainSlot]?.model ?? loaded;
    this.versions.set(id, model.version);
    const { name, version, digest } = model;
    const sinceMs = this.#frozenSinceMs.get(id);
    const incident =
      sinceMs === undefined
        ? {}
        : { incident: { number: 1, verdict: frozen, sinceMs, grade: 'alarm' as const } };
    return {
      generation: desired?.generation ?? 0,
      slots: { main: slot({ loaded: { ...loaded, name, version, digest } }) },
      cameras: { front: { targetFps: 30, clips: true } },
      drift: { front: driftStatus({ ...incident, hardFrames: { count: 6, bytes: 900_000 } }) },
    };
  }
}

function keptFrames(
  { width, height, detections }: Pick<HardFrame, 'width' | 'height' | 'detections'>,
  bytes: number,
): HardFrame[] {
  return Array.from({ length: 6 }, (_, at) => ({
    ...{ id: `${at + 1}-0`, camera: 'front', timeMs: Date.now() - (6 - at) * 3_600_000 },
    reason: (['alarm', 'low-margin', 'random'] as const)[at % 3]!,
    ...{ width, height, bytes, blurred: [], modelDigest: loaded.digest },
    detections: detections.map(({ label, score, box }) => ({ label, score, box })),
  }));
}

function clipOf(bytes: number) {
  return {
    ...{
      id: '1-0',
      camera: 'front',
      timeMs: Date.now() - 60_000,
      durationMs: 3_000,
      reasons: ['zone.dwell'],
    },
    ...{ codec: 'h264', width: 640, height: 360, bytes, encoded: true, blurred: true, gaps: 0 },
  };
}

function testClip(folder: string): Buffer {
  const file = join(folder, 'clip.mp4');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=10:duration=3'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', file],
  ]);
  return readFileSync(file);
}
