/**
 * Says in a bundle's golden set what there is on its pictures, and how right each variant must be on them. Expected
 * detections and pictures stay. Labels are found by the bytes of the pictures.
 *
 *   node --import tsx models/street/label-golden.ts models/street-lean build/street-yolo build/street-lean
 */
import { readFileSync } from 'node:fs';
import { amendBundle, digestOf, readBundle } from '../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { type GoldenSet, goldenPath, mapBudgetFrom } from '../../src/model/index.ts';
import { runGolden } from '../../src/perception/index.ts';
import { goldenFiles } from '../../src/runtime/index.ts';
import { openLabelledFolder, readTruth } from '../../src/workbench/pictures/labelled-folder.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const [from = '', labelled = '', to = ''] = process.argv.slice(2);
const bundle = await readBundle(from, 'digests');
const { files, labels = '' } = await openLabelledFolder(labelled);
const byDigest = new Map(files.map((path) => [digestOf(readFileSync(path)), path]));
const digestIn = new Map(bundle.manifest.attachments?.map(({ path, digest }) => [path, digest]));
const set = await goldenFiles.read(bundle);

const round = (value: number): number => Math.round(value * 100) / 100;
const frames: GoldenSet['frames'] = [];
for (const { truth: _, ...frame } of set.frames) {
  const path = byDigest.get(digestIn.get(frame.file) ?? '');
  if (path === undefined) {
    frames.push(frame);
    continue;
  }
  const { width, height } = await goldenFiles.picture(bundle, frame.file);
  const boxes = await readTruth(labels, { path, width, height }, bundle.manifest.labels.length);
  const truth = boxes.map(({ classId, box: { x1, y1, x2, y2 } }) => ({
    label: bundle.manifest.labels[classId] ?? '',
    box: [round(x1), round(y1), round(x2), round(y2)] as [number, number, number, number],
  }));
  frames.push({ ...frame, truth });
}

const minMap: Record<string, number> = {};
for (const { kind } of bundle.manifest.variants) {
  const detector = await OnnxruntimeDetector.create(bundle, { variant: kind });
  const { map, agreement } = await runGolden({ ...set, frames }, detector, (file) =>
    goldenFiles.picture(bundle, file),
  );
  await detector.close();
  if (map === undefined) throw new Error(`No picture of ${from} is among those of ${labelled}.`);
  minMap[kind] = mapBudgetFrom(map);
  say(`${kind}: mAP ${(map * 100).toFixed(1)}, agreement ${(agreement * 100).toFixed(1)} %`);
}
const { frames: _, ...rules } = set;
const text = `${JSON.stringify({ ...rules, minMap, frames }, null, 1)}\n`;
const made = await amendBundle(bundle, to, { attachments: new Map([[goldenPath, Buffer.from(text)]]) });
say(
  `${frames.filter(({ truth }) => truth !== undefined).length} of ${frames.length} pictures are labelled; ${made.digest}`,
);
