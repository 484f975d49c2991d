import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildPlan, type PlanSeal } from '../../../../device/native/index.ts';
import { isolation, planProcess, pluginPath } from '../../../../native/index.ts';
import { referenceModel } from '../../../conformance/engine-models.ts';
import { missingPlugin, titled } from '../../../conformance/native-build.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const why = missingPlugin('reference') ?? (isolation() === undefined ? 'isolation is not built' : undefined);
/** Of a service that may lock little. */
const limited = ['-c', 'ulimit -l 64; exec "$@"', 'sh', process.execPath];
/** Of this process: a build inherits it. */
const unlimited = /Max locked memory +unlimited/.test(readFileSync('/proc/self/limits', 'utf8'));

describe.skipIf(why !== undefined)(titled('The builder of a plan that may not be swapped', why), () => {
  it.each([
    [
      true,
      { error: { code: 'native-memory-lock', message: expect.stringContaining('LimitMEMLOCK=infinity') } },
    ],
    [false, { done: true }],
  ])('builds nothing where it may lock little and has to lock all (%s)', (lockMemory, expected) => {
    const folder = temporaryFolder();
    const onnx = join(folder, 'model.onnx');
    writeFileSync(onnx, 'the model');
    const { script, addon } = planProcess();
    const files = { onnx, plan: join(folder, 'model.plan'), timingCache: '' };
    const spec = {
      ...{ plugin: pluginPath('reference'), deviceOptions: { build_ms: '1' }, engineOptions: {} },
      ...{ workspaceBytes: 1000, secret: true, lockMemory, ...files },
    };
    const { stdout } = spawnSync('/bin/sh', [...limited, script, addon, JSON.stringify(spec)], {
      encoding: 'utf8',
    });
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject(expected);
    expect(existsSync(files.plan)).toBe(!lockMemory);
  });

  it(`is told so by who orders the plan (${unlimited ? 'here it may lock all' : 'here it is refused'})`, async () => {
    const folder = temporaryFolder();
    const seal: PlanSeal = {
      check: async () => {},
      network: async () => Buffer.from('the model'),
      keep: () => () => {},
      seal: async (_from, target) => {
        writeFileSync(target, 'sealed');
        return { sha256: '', size: 6 };
      },
      open: async () => new Uint8Array(),
    };
    const plan = join(folder, 'model.plan');
    const building = buildPlan({
      ...{ plugin: pluginPath('reference')!, deviceOptions: { build_ms: '1' }, engineOptions: {} },
      ...{ onnx: '', plan, timingCache: '', workspaces: [1000, 500], seal, lockMemory: true },
    });
    if (unlimited) await building;
    else await expect(building).rejects.toMatchObject({ code: 'native-memory-lock' });
    expect(existsSync(plan)).toBe(unlimited);
  });
});

/** What the engine's description says of a model of this many bytes, as JSON text. */
const program = `
  import { createRequire } from 'node:module';
  const [addon, plugin, own, host, text, bytes] = process.argv.slice(1);
  const native = createRequire('/')(addon);
  const model = Buffer.from(text.replace('\\nend', '\\n# ' + 'x'.repeat(Number(bytes)) + '\\nend'));
  const engine = await native.openEngine({ plugin, model, engineOptions: {},
    deviceOptions: { 'isolate.plugin': own, 'isolate.host': host } });
  process.stdout.write(native.describeEngine(engine).engine, () => process.exit(0));
`;

describe.skipIf(why !== undefined)(titled('A model on its way to an engine’s own process', why), () => {
  it.each([
    [20_000, undefined],
    [200_000, 'Cannot allocate memory'],
  ])('of %s bytes, where 64 kB may be locked: %s', (bytes, expected) => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const { plugin, host } = isolation()!;
    const files = [planProcess().addon, plugin, pluginPath('reference')!, host].map((file) => {
      const copy = join(folder, basename(file));
      copyFileSync(file, copy);
      chmodSync(copy, 0o755);
      return copy;
    });
    // For root there is no limit.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const said = execFileSync(
      '/bin/sh',
      [...limited, '--input-type=module', '-e', program, ...files, referenceModel('fixed'), String(bytes)],
      { encoding: 'utf8', cwd: folder, env: {}, ...nobody },
    );
    expect(JSON.parse(said).lockProblem).toBe(expected);
  });
});
