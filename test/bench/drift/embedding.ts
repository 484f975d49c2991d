/**
 * What an embedding adds to the watch: the same street, model and faults, with it and without it.
 *
 *   node --import tsx test/bench/drift/embedding.ts [--seed 91] [--tensor /net/c4/cv3/act/Relu_output_0] [--minutes 30]
 *
 * Renders everything itself; some five minutes of a core.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readBundle } from '../../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../../src/adapters/onnxruntime/index.ts';
import { DriftMonitor, ProfileBuilder, type ReferenceProfile } from '../../../src/drift/index.ts';
import {
  defaultDetectionSettings,
  type PerceptionResult,
  type Thumbnail,
  Tracker,
  thumbnail,
} from '../../../src/perception/index.ts';
import { createStreet, type StreetConditions } from '../../../src/simulation/index.ts';
import { withEmbedding } from '../../../src/workbench/import/network-file.ts';
import { type Corruption, faultless, framesPerSecond } from './plan.ts';
import { paintStrangers } from './record.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '91' },
    tensor: { type: 'string', default: '/net/c4/cv3/act/Relu_output_0' },
    minutes: { type: 'string', default: '30' },
  },
});
const [width, height] = [320, 180];
const leadS = 120;
const faultS = 60;
const faults: readonly (readonly [Corruption, number])[] = (
  ['objects', 'fog', 'night', 'dirt', 'blur', 'noise', 'overexposed'] as const
).flatMap((what) => [1, 2].map((severity) => [what, severity] as const));

const { manifest, ...bundle } = await readBundle('models/street', 'digests');
const { model: modelBytes, output } = await withEmbedding(
  readFileSync('models/street/street.onnx'),
  'street',
  values.tensor,
);
const detector = await OnnxruntimeDetector.create(
  { ...bundle, manifest: { ...manifest, output: { ...manifest.output, embedding: output } } },
  { modelBytes },
);
const street = createStreet({ seed: Number(values.seed), width, height });
const tracker = new Tracker();
const pixels = new Uint8Array(width * height * 3);
let atS = 0;

interface Seen {
  readonly thumbnail: Thumbnail;
  readonly result: PerceptionResult;
  readonly atMs: number;
}

/** So many seconds of the street, which runs on. */
async function film(
  seconds: number,
  conditionsAt: (timeS: number) => StreetConditions,
  strangers = 0,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let i = 0; i < seconds * framesPerSecond; i++) {
    atS += 1 / framesPerSecond;
    street.setConditions(conditionsAt(atS));
    street.render(atS, pixels);
    if (strangers > 0) paintStrangers(pixels, strangers, atS);
    const image = { data: pixels, width, height, step: width * 3, encoding: 'rgb8' as const };
    const stampNs = BigInt(Math.round(atS * 1e9));
    const frame = {
      ...{ camera: 'street', sequence: 0, stampNs, frameId: 'street', width, height, step: width * 3 },
      ...{ encoding: 'rgb8' as const, pixels: { data: pixels, release() {} } },
    };
    const found = await detector.detect(frame, { ...defaultDetectionSettings, scoreThreshold: 0.1 });
    seen.push({
      thumbnail: thumbnail(image),
      result: {
        ...found,
        ...{ camera: 'street', sequence: 0, stampNs, frameId: 'street', width, height },
        ...{ identity: detector.identity, captureToPublishMs: 15 },
        detections: tracker.update(found.detections, stampNs),
      },
      atMs: atS * 1000,
    });
  }
  return seen;
}

const without = ({ embedding: _, ...result }: PerceptionResult): PerceptionResult => result;
const ways = [
  ['without', without],
  ['with', (result: PerceptionResult) => result],
] as const;

const reference = await film(60 * Number(values.minutes), faultless);
const clean = await film(900, faultless);
const profiles = new Map<string, ReferenceProfile>();
for (const [name, of] of ways) {
  const builder = new ProfileBuilder({ modelDigest: detector.identity.digest, camera: 'street' });
  for (const { thumbnail, result, atMs } of reference) builder.observe(thumbnail, of(result), atMs);
  profiles.set(name, builder.finish());
}
console.log(
  `Street ${values.seed}, ${values.minutes} min learned, ${profiles.get('with')?.embedding?.source}.`,
);
for (const [name, of] of ways) {
  const monitor = new DriftMonitor(profiles.get(name));
  const raised = clean
    .flatMap(({ thumbnail, result, atMs }) => monitor.observe(thumbnail, of(result), atMs))
    .filter(({ phase }) => phase === 'raised');
  const words = raised.map(({ message, signals: [first] }) => `${message} (${first?.name})`).join(', ');
  console.log(`${name} embedding: ${raised.length} false alarms in 15 min of clean street ${words}`);
}
console.log('\n| abrupt | without: s, verdict | with: s, verdict | furthest signal with it |\n|--|--|--|--|');
for (const [what, severity] of faults) {
  const lead = await film(leadS, faultless);
  const begin = lead.at(-1)!.atMs;
  const strangers = what === 'objects' ? severity : 0;
  const fault = await film(
    faultS,
    (timeS) => ({ ...faultless(timeS), ...(what === 'objects' ? {} : { [what]: severity }) }),
    strangers,
  );
  const cells = ways.map(([name, of]) => {
    const monitor = new DriftMonitor(profiles.get(name));
    for (const { thumbnail, result, atMs } of [...lead, ...fault]) {
      const alarm = monitor
        .observe(thumbnail, of(result), atMs)
        .find(({ phase }) => phase === 'raised' && atMs > begin);
      if (alarm === undefined) continue;
      return [
        `${((atMs - begin) / 1000).toFixed(0)} ${alarm.message}`,
        alarm.signals[0]?.name ?? '-',
      ] as const;
    }
    return ['not found', '-'] as const;
  });
  console.log(`| ${what} ${severity} | ${cells[0]?.[0]} | ${cells[1]?.[0]} | ${cells[1]?.[1]} |`);
}
await detector.close();
