import { spawnSync } from 'node:child_process';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datasetForms } from '../../../../src/controller/rpc/dataset-forms.ts';
import type { HardFrame } from '../../../../src/protocol/index.ts';

const closed = { additionalProperties: false } as const;
const frame = (id: string, detections: HardFrame['detections'] = []): HardFrame => ({
  ...{ id, camera: 'front', timeMs: 1_790_000_000_000, reason: 'alarm', width: 640, height: 360, bytes: 1 },
  ...{ blurred: [], modelDigest: `sha256:${'a'.repeat(64)}`, detections },
});
const see = (label: string, ...box: [number, number, number, number]) => ({ label, score: 0.9, box });
const annotated = (form: keyof typeof datasetForms, frames: readonly HardFrame[]) =>
  datasetForms[form].annotate('d1', frames, 0);
const two = [frame('1-0', [see('car', 64, 36, 128, 72), see('person', -5, -5, 10, 10)]), frame('2-0')];

/** Frames with labels and boxes as a model may give them. */
const side = fc.oneof(fc.double({ min: -1000, max: 2000 }), fc.constant(Number.NaN));
const seen = fc.record({
  label: fc.string({ unit: 'binary', maxLength: 12 }),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
  box: fc.tuple(side, side, side, side),
});
const anyFrames = fc
  .array(fc.array(seen, { maxLength: 4 }), { maxLength: 4 })
  .map((all) => all.map((detections, at) => frame(`${at}-0`, detections)));

/** https://labelstud.io/guide/predictions, written down as it stands there. */
const percent = Type.Number({ minimum: 0, maximum: 100 });
const share = Type.Number({ minimum: 0, maximum: 1 });
const LabelStudioTasks = Type.Array(
  Type.Object(
    {
      data: Type.Record(Type.String(), Type.String()),
      predictions: Type.Array(
        Type.Object(
          {
            model_version: Type.String(),
            score: share,
            result: Type.Array(
              Type.Object(
                {
                  id: Type.String({ minLength: 1 }),
                  type: Type.Literal('rectanglelabels'),
                  from_name: Type.Literal('label'),
                  to_name: Type.Literal('image'),
                  original_width: Type.Integer({ minimum: 1 }),
                  original_height: Type.Integer({ minimum: 1 }),
                  image_rotation: Type.Literal(0),
                  score: share,
                  value: Type.Object(
                    {
                      ...{
                        x: percent,
                        y: percent,
                        width: percent,
                        height: percent,
                        rotation: Type.Literal(0),
                      },
                      rectanglelabels: Type.Array(Type.String(), { minItems: 1, maxItems: 1 }),
                    },
                    closed,
                  ),
                },
                closed,
              ),
            ),
          },
          closed,
        ),
        { minItems: 1, maxItems: 1 },
      ),
    },
    closed,
  ),
);

/** FiftyOneImageDetectionDataset of https://docs.voxel51.com/user_guide/import_datasets.html, written down as it stands there. */
const FiftyOneLabels = Type.Object(
  {
    classes: Type.Array(Type.String(), { uniqueItems: true }),
    labels: Type.Record(
      Type.String(),
      Type.Array(
        Type.Object(
          {
            label: Type.String(),
            bounding_box: Type.Tuple([share, share, share, share]),
            confidence: Type.Optional(share),
            attributes: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
          },
          closed,
        ),
      ),
    ),
  },
  closed,
);

const noPython = spawnSync('python3', ['--version']).error === undefined ? undefined : 'there is no Python';

/** Read by the XML parser of Python, which is what CVAT reads with: elements with their attributes. */
function parsed(xml: string): { tag: string; attributes: Record<string, string>; text: string }[] {
  const program =
    'import sys,json,xml.etree.ElementTree as E\nprint(json.dumps([dict(tag=e.tag,attributes=e.attrib,text=(e.text or "").strip()) for e in E.fromstring(sys.stdin.buffer.read()).iter()]))';
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input: xml, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('Hard frames for Label Studio', () => {
  it('are tasks with predictions in percent, and the labels to show', () => {
    const { 'tasks.json': tasks = '', 'label-config.xml': config } = annotated('label-studio', two);
    const [first] = JSON.parse(tasks);
    expect(first.data.image).toBe('/data/local-files/?d=images/1-0.jpg');
    expect(first.predictions[0].result[0].value).toEqual({
      ...{ rotation: 0, x: 10, y: 10, width: 10, height: 10, rectanglelabels: ['car'] },
    });
    expect(config).toContain('<Label value="person"/>');
  });

  it('keep its schema, whatever a model gives', () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const tasks = JSON.parse(annotated('label-studio', frames)['tasks.json'] ?? '');
        expect([...Value.Errors(LabelStudioTasks, tasks)]).toEqual([]);
      }),
    );
  });
});

describe('Hard frames for FiftyOne', () => {
  it('are labels by the name of the picture, in shares of it', () => {
    const labels = JSON.parse(annotated('fiftyone', two)['labels.json'] ?? '');
    expect(labels.labels['1-0'][0]).toEqual({
      label: 'car',
      bounding_box: [0.1, 0.1, 0.1, 0.1],
      confidence: 0.9,
    });
    expect(labels).toMatchObject({ classes: ['car', 'person'], labels: { '2-0': [] } });
    expect(datasetForms.fiftyone.folder).toBe('data');
  });

  it('keep its schema, whatever a model gives', () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const labels = JSON.parse(annotated('fiftyone', frames)['labels.json'] ?? '');
        expect([...Value.Errors(FiftyOneLabels, labels)]).toEqual([]);
        for (const { label } of Object.values<{ label: string }[]>(labels.labels).flat())
          expect(labels.classes).toContain(label);
      }),
    );
  });
});

describe.skipIf(noPython !== undefined)(
  `Hard frames for CVAT${noPython === undefined ? '' : ` (skipped: ${noPython})`}`,
  () => {
    it('are images with boxes by their corners, and the labels of the task', () => {
      const elements = parsed(annotated('cvat', two)['annotations.xml'] ?? '');
      const of = (tag: string) =>
        elements.filter((one) => one.tag === tag).map(({ attributes }) => attributes);
      expect(elements[0]?.tag).toBe('annotations');
      expect(elements.find(({ tag }) => tag === 'version')?.text).toBe('1.1');
      expect(of('image')).toEqual([
        { id: '0', name: '1-0.jpg', width: '640', height: '360' },
        { id: '1', name: '2-0.jpg', width: '640', height: '360' },
      ]);
      const box = { source: 'auto', occluded: '0', z_order: '0' };
      expect(of('box')).toEqual([
        { ...box, label: 'car', xtl: '64', ytl: '36', xbr: '128', ybr: '72' },
        { ...box, label: 'person', xtl: '0', ytl: '0', xbr: '10', ybr: '10' },
      ]);
    });

    it('are XML that can be read, with every label in the task, whatever a model gives', () => {
      fc.assert(
        fc.property(anyFrames, (frames) => {
          const elements = parsed(annotated('cvat', frames)['annotations.xml'] ?? '');
          const names = elements.flatMap((one, at) =>
            one.tag === 'name' && elements[at - 1]?.tag === 'label' ? [one.text] : [],
          );
          for (const { tag, attributes } of elements) {
            if (tag !== 'box') continue;
            expect(names).toContain(attributes.label?.trim());
            expect(Number(attributes.xbr)).toBeGreaterThan(Number(attributes.xtl));
            expect(Number(attributes.ybr)).toBeLessThanOrEqual(360);
          }
        }),
        { numRuns: 8, endOnFailure: true },
      );
    });
  },
);
