import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { referenceModel } from '../conformance/engine-models.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import {
  filesHolding,
  memoryFilesHolding,
  newFilesHolding,
  openFilesHolding,
  piecesOf,
} from '../fixtures/disk-search.ts';
import { encryptFor, writeFixedBundle } from '../fixtures/encrypted-bundle.ts';
import { enrolFolder } from '../fixtures/enrolled-folder.ts';
import { fleetIdentities } from '../fixtures/fleet-identities.ts';
import { AgentProcess, agentSettings, pluginFolder } from './agent-process.ts';

const timeout = 300_000;
const why = missingPlugin('reference');
const asRoot = process.getuid?.() === 0;
const openFiles = asRoot ? 'and the files that it has open' : '(its open files are looked at by root alone)';

/** The reference engine stands for TensorRT: it builds a plan that holds what the network holds. */
describe.skipIf(why !== undefined)(titled('All that an agent writes', why), () => {
  let base: string;
  let agent: AgentProcess | undefined;
  let pieces: readonly Buffer[];
  const startedMs = Date.now();

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), 'goshawk-on-disk-'));
    for (const name of ['tmp', 'home']) mkdirSync(join(base, name));
    const weights = `# ${randomBytes(100_000).toString('base64')}`;
    const network = Buffer.from(referenceModel('fixed').replace(/\nend/, `\n${weights}\nend`));
    pieces = piecesOf(Buffer.from(weights));
    await writeFixedBundle(join(base, 'given/plain'), network);
    const identity = await (await fleetIdentities())('d1');
    await enrolFolder(join(base, 'data'), identity);
    await encryptFor(base, ['given/plain', 'sealed'], identity);
  });
  afterEach(async () => {
    agent?.process.kill('SIGKILL');
    await agent?.ended;
    rmSync(base, { recursive: true, force: true });
  });

  function start(bundle: string, faults = ''): AgentProcess {
    const settings = agentSettings(base, join(base, bundle), {
      engine: 'tensorrt',
      enrolment: { claimFile: join(base, 'claim') },
    });
    agent = new AgentProcess(settings, {
      ...{ TMPDIR: join(base, 'tmp'), HOME: join(base, 'home'), XDG_CACHE_HOME: join(base, 'home/cache') },
      ...{ GOSHAWK_PLUGINS: pluginFolder(base, 'tensorrt'), GOSHAWK_REFERENCE_FAULTS: faults },
    });
    return agent;
  }
  const onDisk = () => [
    ...filesHolding(pieces, [base], [join(base, 'given')]),
    ...[tmpdir(), '/tmp', '/dev/shm'].flatMap((folder) => newFilesHolding(pieces, folder, startedMs)),
  ];
  const open = () => (asRoot ? openFilesHolding(pieces, agent?.process.pid ?? 0) : []);
  const served = (one: AgentProcess) => one.line(({ msg }) => msg === 'engine chosen');

  it(`${openFiles} holds nothing of an encrypted network: while its plan is built, after a SIGKILL, and when it serves`, {
    timeout,
  }, async () => {
    const first = start('sealed', 'build_ms=120000');
    await first.line(({ msg }) => msg === 'Memory of encrypted models is locked, and in no dump');
    if (asRoot) {
      // Until the builder has them the search would prove nothing.
      while (memoryFilesHolding(pieces, first.process.pid ?? 0).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect([...onDisk(), ...open()]).toEqual([]);
    first.process.kill('SIGKILL');
    await first.ended;
    expect(onDisk()).toEqual([]);

    const second = start('sealed');
    expect((await served(second)).engine).toBe('tensorrt');
    expect([...onDisk(), ...open()]).toEqual([]);
    await second.stop();
    expect(onDisk()).toEqual([]);
  });

  it('holds much of a plain one: the search finds what there is', { timeout }, async () => {
    expect((await served(start('given/plain'))).engine).toBe('tensorrt');
    const found = onDisk().map((path) => path.slice(base.length + 1));
    expect(found.some((path) => path.startsWith('data/models/'))).toBe(true);
    expect(found.some((path) => /^data\/engines\/.*\.plan$/.test(path))).toBe(true);
  });
});
