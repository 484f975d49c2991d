import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SelftestReport } from '../../src/runtime/selftest/report.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { goshawk, jsonLines, type Ran } from '../integration/goshawk.ts';

/*
 * The selftest on the machine at hand, whatever it is: the first thing to run on a new board. What is not there is absent and says
 * how to get it; what is there must work. Nothing here compares a speed.
 */
describe('goshawk selftest on this machine', () => {
  let folder: string;
  let ran: Ran;
  let report: SelftestReport;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-selftest-'));
    const file = join(folder, 'report.json');
    ran = await goshawk('selftest', '--json', '--time', '200ms', '--data-dir', folder, '--report', file);
    report = JSON.parse(readFileSync(file, 'utf8'));
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const row = (name: string) => report.trials.find((trial) => trial.name === name);

  it('ends with 0 where everything that is there works, else with 1', () => {
    const failed = report.trials.filter(({ state }) => state === 'fails');
    expect(ran.code, ran.stderr).toBe(failed.length === 0 ? 0 : 1);
    expect(jsonLines(ran.stdout)[0]).toMatchObject({ ok: failed.length === 0 });
  });

  it('writes a report of the promised shape', () => {
    expect([...Value.Errors(SelftestReport, report)]).toEqual([]);
  });

  it('says of everything that does not work what to do', () => {
    expect(report.trials.length).toBeGreaterThan(15);
    for (const { name, state, remedy } of report.trials) {
      if (state !== 'works') expect(remedy, name).toMatch(/\w{3}/);
    }
  });

  it('names neither the machine nor who ran it', () => {
    const text = JSON.stringify(report);
    if (hostname().length > 3) expect(text).not.toContain(hostname());
    expect(text).not.toContain(folder);
    expect(text).not.toMatch(/\b[0-9a-f]{40,}\b/);
  });

  it('finds that the processor runs the models, and agrees with the golden set', () => {
    expect(row('onnxruntime-node fp32')).toMatchObject({ state: 'works' });
    expect(row('onnxruntime-node int8')).toMatchObject({
      state: 'works',
      figures: { goldenAgreement: expect.any(Number), speedUp: expect.any(Number) },
    });
  });

  const native = missingPlugin('onnxruntime');
  it.skipIf(native !== undefined)(
    titled('finds that the native plane runs them, alone and in batches', native),
    () => {
      for (const name of ['fp32', 'fp16', 'int8', 'batches of 4']) {
        expect(row(`onnxruntime (native) ${name}`), name).toMatchObject({ state: 'works' });
      }
    },
  );

  const reference = missingPlugin('reference');
  it.skipIf(reference !== undefined)(
    titled('builds, loads and runs a plan on the pretended device', reference),
    () => {
      expect(row('reference plugin')).toMatchObject({
        state: 'works',
        figures: { openMs: expect.any(Number) },
      });
    },
  );

  const tensorrt = missingPlugin('tensorrt');
  it.skipIf(tensorrt !== undefined)(titled('builds, loads and runs plans on this GPU', tensorrt), () => {
    for (const name of ['device', 'fp32', 'fp16', 'int8', 'batches of 4']) {
      expect(row(`tensorrt ${name}`), name).toMatchObject({ state: 'works' });
    }
  });
});
