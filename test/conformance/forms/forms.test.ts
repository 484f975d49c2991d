import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { familyNames } from '../../../src/model/index.ts';
import { type Contracts, waysToRead } from '../../../src/workbench/import/choose-contracts.ts';
import { titled } from '../native-build.ts';
import {
  boxForms,
  caseOf,
  imported,
  type MadeCase,
  partReadForms,
  readForms,
  saidForms,
  wayOf,
} from './cases.ts';
import type { Form } from './form.ts';
import { type Box, partReaders, readers } from './readers.ts';
import { refusedForms } from './table/refused.ts';

type RefusedForm = Form & { readonly refused: NonNullable<Form['refused']> };

const python = '/usr/bin/python3';
const noNumpy =
  spawnSync(python, ['-c', 'import numpy']).status === 0
    ? undefined
    : `${python} has no numpy: apt-get install python3-numpy`;

function fedOf({ input }: Contracts): string {
  const { colorOrder, scale, fit, mean, std } = input;
  const scaled = scale === 1 ? '1' : `1/${Math.round(1 / scale)}`;
  expect(std[0] === 1).toBe(mean[0] === 0);
  return [colorOrder, scaled, fit, ...(mean[0] === 0 ? [] : [String(mean[0])])].join(' ');
}

describe('Import of a form of a network', () => {
  it('is tried with at least 40 forms, each with a name of its own', () => {
    const names = [...readForms, ...saidForms, ...refusedForms].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(40);
  });

  it('is tried with a form of each family', () => {
    const readings = [...readForms, ...saidForms].map(({ reads, said }) => reads ?? said!);
    const tried = new Set(readings.map(({ family, ways }) => family ?? ways[0]));
    expect(familyNames.filter((name) => !tried.has(name))).toEqual([]);
  });

  it.each([...readForms, ...saidForms].map((form) => [form.name, form] as const))(
    'reads %s',
    async (_name, form) => {
      const reading = form.reads ?? form.said!;
      const { network, labels } = await imported(form);
      const ways = waysToRead(network, labels, form.overrides ?? {}, form.decoder);
      expect(ways.map(({ output }) => output.family)).toEqual(reading.ways);
      expect(fedOf(wayOf(reading, ways))).toBe(reading.fed);
    },
  );

  it.each(refusedForms.map((form) => [form.name, form as RefusedForm] as const))(
    'refuses %s and names its family',
    async (_name, form) => {
      const { network, labels } = await imported(form);
      const call = () => waysToRead(network, labels, form.overrides ?? {});
      expect(call).toThrow(
        expect.objectContaining({ code: form.refused.code, remedy: expect.stringMatching(/\w/) }),
      );
      expect(call).toThrow(form.refused.words);
    },
  );
});

/** Reached by some rows of each form, and not by others. */
const threshold = 0.3;

interface Case extends MadeCase {
  /** Of a form with parts there are more numbers, see `partReaders`. */
  readonly truth: readonly Box[];
}

describe.skipIf(noNumpy !== undefined)(titled('Boxes of a form are those of numpy', noNumpy), () => {
  const cases = new Map<string, Case>();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-forms-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    const made = await Promise.all(readForms.map(caseOf));
    const jobs = made.map(({ form, contracts, classes, outputs }, at) => {
      const { width, height } = contracts.input;
      const { formula, tensors } = form.reads.oracle;
      const files = outputs.map(({ name, dims, data }, index) => {
        const file = join(folder, `${at}-${index}`);
        writeFileSync(file, data);
        return [name, { dims, file }] as const;
      });
      const byName = new Map(files);
      const roles = Object.entries(tensors).map(
        ([role, names]) => [role, names.map((name) => byName.get(name))] as const,
      );
      return { formula, width, height, classes, threshold, tensors: Object.fromEntries(roles) };
    });
    const truths = await oracle(jobs);
    for (const [at, one] of made.entries()) cases.set(one.form.name, { ...one, truth: truths[at]! });
  });

  for (const { name, missing, read } of partReaders) {
    describe.skipIf(missing !== undefined)(
      titled(`with all its parts as ${name} reads them:`, missing),
      () => {
        it.each(partReadForms.map((form) => form.name))('%s', (title) => {
          const { contracts, classes, outputs, truth } = cases.get(title)!;
          const [found, right] = [read(contracts, classes, outputs, threshold), bestFirst(truth)];
          expect(right.length).toBeGreaterThan(0);
          expect(found.map(([classId]) => classId)).toEqual(right.map(([classId]) => classId));
          expect(found.filter((row, at) => !isSame(row, right[at]!))).toEqual([]);
        });
      },
    );
  }

  for (const { name, missing, clips, read } of readers) {
    describe.skipIf(missing !== undefined)(titled(`as ${name} reads them:`, missing), () => {
      it.each(boxForms.map((form) => form.name))('%s', (title) => {
        const { contracts, classes, outputs, truth } = cases.get(title)!;
        const shown = (boxes: readonly Box[]) => (clips ? inPicture(boxes, contracts.input) : boxes);
        const [found, right] = [shown(read(contracts, classes, outputs, threshold)), shown(truth)];
        expect(right.length).toBeGreaterThan(0);
        expect(found.map(([classId]) => classId)).toEqual(right.map(([classId]) => classId));
        expect(found.filter((box, at) => !isSame(box, right[at]!))).toEqual([]);
      });
    });
  }
});

const bestFirst = (rows: readonly Box[]): readonly Box[] => [...rows].sort((a, b) => b[1] - a[1]);

/** Clipped to the picture, the best first. */
function inPicture(boxes: readonly Box[], { width, height }: Contracts['input']): readonly Box[] {
  const clip = (value: number, side: number) => Math.min(Math.max(value, 0), side);
  return boxes
    .map(([classId, score, x1, y1, x2, y2]): Box => {
      const corners = [clip(x1, width), clip(y1, height), clip(x2, width), clip(y2, height)] as const;
      return [classId, Math.fround(score), ...corners];
    })
    .filter(([, , x1, y1, x2, y2]) => x2 > x1 && y2 > y1)
    .sort((a, b) => b[1] - a[1] || a[2] - b[2] || a[3] - b[3]);
}

/** Relative to what is large in a picture, as corners near 0 are differences of large values. */
const isSame = (found: readonly number[], truth: readonly number[]): boolean =>
  found.length === truth.length &&
  truth.every((value, at) => Math.abs(found[at]! - value) <= 1e-4 * Math.max(1, Math.abs(value)));

/** One process for all. */
function oracle(jobs: readonly object[]): Promise<readonly (readonly Box[])[]> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 30, encoding: 'utf8' } as const;
    const script = join(import.meta.dirname, 'oracle.py');
    const child = execFile(python, [script], options, (error, out) => {
      if (error !== null) reject(error);
      else
        resolve(
          out
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line)),
        );
    });
    child.stdin!.end(jobs.map((job) => `${JSON.stringify(job)}\n`).join(''));
  });
}
