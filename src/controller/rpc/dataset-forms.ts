import type { DatasetForm } from '../../api/index.ts';
import type { HardFrame } from '../../protocol/index.ts';
import { clip, round } from './clipped-box.ts';
import { cocoDataset, imageName } from './coco.ts';

/** One form of a data set: where its pictures go, and the files that say what is in them. */
interface Form {
  readonly folder: string;
  annotate(device: string, frames: readonly HardFrame[], nowMs: number): Readonly<Record<string, string>>;
}

const json = (value: unknown) => JSON.stringify(value, undefined, 1);

/** Every form that hard frames are exported in. The boxes are the model's own in each: people correct them first. */
export const datasetForms: Readonly<Record<DatasetForm, Form>> = {
  coco: {
    folder: 'images',
    annotate: (device, frames, nowMs) => ({ 'annotations.json': json(cocoDataset(device, frames, nowMs)) }),
  },
  // "CVAT for images 1.1": https://docs.cvat.ai/docs/manual/advanced/xml_format/
  cvat: { folder: 'images', annotate: (_, frames) => ({ 'annotations.xml': cvatXml(frames) }) },
  // Tasks with predictions: https://labelstud.io/guide/predictions
  'label-studio': {
    folder: 'images',
    annotate: (device, frames) => ({
      'tasks.json': json(frames.map((frame) => labelStudioTask(device, frame))),
      'label-config.xml': labelStudioConfig(labelsOf(frames)),
    }),
  },
  // FiftyOneImageDetectionDataset: https://docs.voxel51.com/user_guide/import_datasets.html
  fiftyone: { folder: 'data', annotate: (_, frames) => ({ 'labels.json': json(fiftyOneLabels(frames)) }) },
};

interface Seen {
  readonly label: string;
  readonly score: number;
  /** x, y, width, height in pixels, inside of the picture. */
  readonly box: readonly [number, number, number, number];
}

function seenIn({ detections, width, height }: HardFrame): Seen[] {
  return detections.flatMap(({ label, score, box }) => {
    const clipped = clip(box, width, height);
    return clipped === undefined ? [] : [{ label, score: Math.round(score * 10_000) / 10_000, box: clipped }];
  });
}

function labelsOf(frames: readonly HardFrame[]): string[] {
  return [...new Set(frames.flatMap((frame) => seenIn(frame).map(({ label }) => label)))].sort();
}

/** Characters that a text of XML 1.0 may hold; the rest can't be written at all. */
function isXml(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return code < 0xd800 || (code > 0xdfff && code !== 0xfffe && code !== 0xffff);
}

function xml(text: string): string {
  return [...text]
    .map((character) => (isXml(character) ? character : '?'))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function cvatXml(frames: readonly HardFrame[]): string {
  const score = '<attribute><name>score</name><mutable>False</mutable><input_type>number</input_type>';
  const labels = labelsOf(frames).map(
    (label) =>
      `<label><name>${xml(label)}</name><attributes>${score}<default_value>0</default_value><values>0\n1\n0.0001</values></attribute></attributes></label>`,
  );
  const images = frames.map((frame, id) => {
    const boxes = seenIn(frame).map(({ label, score, box: [x, y, width, height] }) => {
      const corners = `xtl="${x}" ytl="${y}" xbr="${round(x + width)}" ybr="${round(y + height)}"`;
      return `    <box label="${xml(label)}" source="auto" occluded="0" ${corners} z_order="0"><attribute name="score">${score}</attribute></box>\n`;
    });
    const size = `width="${frame.width}" height="${frame.height}"`;
    return `  <image id="${id}" name="${xml(imageName(frame))}" ${size}>\n${boxes.join('')}  </image>\n`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><name>goshawk</name><size>${frames.length}</size><mode>annotation</mode><labels>${labels.join('')}</labels></task></meta>
${images.join('')}</annotations>
`;
}

function labelStudioTask(device: string, frame: HardFrame) {
  const { id, camera, reason, timeMs, width, height, modelDigest } = frame;
  const seen = seenIn(frame);
  const percent = (part: number, whole: number) => round((part / whole) * 100);
  return {
    data: {
      // Below the folder that Label Studio serves as local files.
      image: `/data/local-files/?d=images/${imageName(frame)}`,
      ...{ device, camera, reason, frame: id, taken: new Date(timeMs).toISOString() },
    },
    predictions: [
      {
        model_version: modelDigest,
        score: seen.length === 0 ? 0 : Math.min(...seen.map(({ score }) => score)),
        result: seen.map(({ label, score, box: [x, y, w, h] }, at) => ({
          ...{ id: `${id}-${at}`, type: 'rectanglelabels', from_name: 'label', to_name: 'image' },
          ...{ original_width: width, original_height: height, image_rotation: 0, score },
          value: {
            ...{ rotation: 0, x: percent(x, width), y: percent(y, height) },
            ...{ width: percent(w, width), height: percent(h, height), rectanglelabels: [label] },
          },
        })),
      },
    ],
  };
}

function labelStudioConfig(labels: readonly string[]): string {
  const values = labels.map((label) => `    <Label value="${xml(label)}"/>\n`).join('');
  return `<View>\n  <Image name="image" value="$image"/>\n  <RectangleLabels name="label" toName="image">\n${values}  </RectangleLabels>\n</View>\n`;
}

function fiftyOneLabels(frames: readonly HardFrame[]) {
  return {
    classes: labelsOf(frames),
    labels: Object.fromEntries(
      frames.map((frame) => [
        frame.id,
        seenIn(frame).map(({ label, score, box: [x, y, w, h] }) => ({
          label,
          bounding_box: [x / frame.width, y / frame.height, w / frame.width, h / frame.height],
          confidence: score,
        })),
      ]),
    ),
  };
}
