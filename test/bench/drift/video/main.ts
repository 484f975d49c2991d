/**
 * False alarms on a real video of 80 s (OpenCV's vtest.avi, pedestrians on a square), looped with jitter.
 *
 *   npm run bench -- drift-video --data DIR [--cache DIR] [--learn-hours 1] [--hours 24] [--ways 1,2,3] [--arl0-hours 720]
 *
 * DIR holds video/vtest.avi, models/yolox-nano/yolox_nano.onnx and models/coco80.txt; ffmpeg is needed.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type DriftAlarm,
  DriftMonitor,
  ProfileBuilder,
  type ReferenceProfile,
} from '../../../../src/drift/index.ts';
import { type ClipFrame, loadClip } from './clip.ts';
import { identity, Loop } from './loop.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    cache: { type: 'string', default: join(tmpdir(), 'goshawk-drift-traces') },
    'learn-hours': { type: 'string', default: '1' },
    hours: { type: 'string', default: '24' },
    ways: { type: 'string', default: '1,2,3' },
    'arl0-hours': { type: 'string', default: '720' },
  },
});
const clip = await loadClip(values.data, values.cache);
const half = clip.length >> 1;
const hours = Number(values.hours);
const learnHours = Number(values['learn-hours']);
const ways = values.ways.split(',').map(Number);
const arl0Ms = Number(values['arl0-hours']) * 3_600_000;

function learn(frames: readonly ClipFrame[], seed: number): ReferenceProfile {
  const builder = new ProfileBuilder({ modelDigest: identity.digest, camera: 'vtest' });
  new Loop(frames, seed).play(learnHours * 3600, (thumbnail, result, atMs) =>
    builder.observe(thumbnail, result, atMs),
  );
  return builder.finish();
}

function watch(profile: ReferenceProfile, frames: readonly ClipFrame[], seed: number): DriftAlarm[] {
  const monitor = new DriftMonitor(profile, { arl0Ms });
  const alarms: DriftAlarm[] = [];
  new Loop(frames, seed).play(hours * 3600, (thumbnail, result, atMs) => {
    alarms.push(...monitor.observe(thumbnail, result, atMs));
  });
  return alarms.filter(({ phase }) => phase === 'raised');
}

const first = clip.slice(0, half);
const last = clip.slice(half);
const all = [
  ['all of it learned, all of it watched', clip, clip],
  ['the first 40 s learned, the first 40 s watched', first, first],
  ['the first 40 s learned, the other 40 s watched', first, last],
] as const;
for (const [name, reference, watched] of all.filter((_, i) => ways.includes(i + 1))) {
  const raised = watch(learn(reference, 1), watched, 2);
  console.log(
    `vtest.avi, ${name}, ${learnHours} h learned: ${raised.length} false alarms in ${hours} h, ${((raised.length * 24) / hours).toFixed(2)} per camera-day.`,
  );
  const said = new Map<string, number>();
  for (const {
    message,
    signals: [signal],
  } of raised) {
    const key = `${message} (${signal?.name ?? 'rule'})`;
    said.set(key, (said.get(key) ?? 0) + 1);
  }
  for (const [text, count] of said) console.log(`- ${count} x ${text}`);
}
