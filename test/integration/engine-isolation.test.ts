import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isolation } from '../../native/index.ts';
import { FilesystemModelStore } from '../../src/adapters/filesystem/index.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { freePort } from '../contract/brokers.ts';
import { AgentProcess, agentSettings, pluginFolder, referenceBundle } from './agent-process.ts';
import { projectRoot } from './goshawk.ts';

const why =
  missingPlugin('reference') ??
  missingPlugin('onnxruntime') ??
  (isolation() === undefined ? 'what isolates engines was not built' : undefined);
const timeout = 300_000;

describe.skipIf(why !== undefined)(titled('A live agent whose engine has a process of its own', why), () => {
  let base: string;
  let agent: AgentProcess;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'goshawk-engine-isolation-'));
  });
  afterEach(async () => {
    agent.process.kill('SIGKILL');
    await agent.ended;
    rmSync(base, { recursive: true, force: true });
  });

  /** The engines' processes that the agent has now. */
  function engineProcesses(): number[] {
    const { pid } = agent.process;
    return readdirSync(`/proc/${pid}/task`)
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(/\s+/))
      .filter((child) => child !== '')
      .map(Number)
      .filter((child) => readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('goshawk-engine'));
  }

  it('goes on when that is killed under load, with every frame accounted for', { timeout }, async () => {
    const port = await freePort();
    const settings = agentSettings(base, join(projectRoot, 'models/street'), {
      isolate: true,
      engine: 'onnxruntime',
      prometheus: { port },
      cameras: { front: { source: 'sim', fps: 30 } },
    });
    agent = new AgentProcess(settings);
    const processed = async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(/^goshawk_frames_processed_total\S* (\d+)/m.exec(text)?.[1] ?? 0);
    };
    const processedMoreThan = (before: number) =>
      vi.waitFor(async () => expect(await processed()).toBeGreaterThan(before), {
        timeout: 60_000,
        interval: 20,
      });
    await processedMoreThan(10);
    const [first, ...others] = engineProcesses();
    expect(others).toEqual([]);
    const before = await processed();
    const killedMs = performance.now();
    process.kill(first!, 'SIGKILL');
    await agent.line(({ event }) => event === 'engine.rebuild');
    await processedMoreThan(before + 1);
    process.stdout.write(
      `perceiving again ${Math.round(performance.now() - killedMs)} ms after its engine was killed
`,
    );
    const [second] = engineProcesses();
    expect(second).not.toBe(first);
    await agent.stop();
    const [front] = agent.lines.flatMap(({ cameras }) => cameras ?? []);
    expect(front).toMatchObject({ dropped: { timeout: 0, overflow: 0 } });
    const { received, superseded, dropped } = front!;
    const all = Object.values(dropped).reduce((sum, count) => sum + count, front!.processed + superseded);
    expect(received).toBe(all);
    // Those under way, and those that came before a new engine was there.
    expect(dropped.failed).toBeGreaterThan(0);
    expect(() => process.kill(second!, 0)).toThrow('ESRCH');
  });

  it('perceives again when that is killed while a new model waits for its window', { timeout }, async () => {
    const [port, lockFile] = [await freePort(), join(base, 'robot-drives')];
    const settings = agentSettings(base, join(projectRoot, 'models/street'), {
      ...{ isolate: true, engine: 'onnxruntime', prometheus: { port }, updates: { lockFile } },
      cameras: { front: { source: 'sim', fps: 10 } },
    });
    agent = new AgentProcess(settings);
    await agent.line(({ event }) => event === 'engine.chosen');
    await agent.stop();
    await orderNext(join(base, 'data'));
    writeFileSync(lockFile, '');
    agent = new AgentProcess(settings);
    await agent.line(({ event }) => event === 'deployment.ready');
    const processed = async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(/^goshawk_frames_processed_total\S* (\d+)/m.exec(text)?.[1] ?? 0);
    };
    await vi.waitFor(async () => expect(await processed()).toBeGreaterThan(10), { timeout: 60_000 });
    // The one that serves was started first; the other one waits.
    const [serving, next] = engineProcesses().sort((one, other) => one - other);
    const killedMs = performance.now();
    process.kill(serving!, 'SIGKILL');
    await agent.line(({ event }) => event === 'engine.rebuild');
    const failed = agent.lines.length;
    await agent.line(({ event }) => event === 'camera.recovered' && agent.lines.length > failed);
    process.stdout.write(
      `perceiving again ${Math.round(performance.now() - killedMs)} ms after its engine was killed beside a deployment\n`,
    );
    const before = await processed();
    await vi.waitFor(async () => expect(await processed()).toBeGreaterThan(before + 5), { timeout: 60_000 });
    // The new model still waits, on the engine that was made for it.
    expect(engineProcesses()).toContain(next);
    expect(agent.events).not.toContain('deployment.swapping');
    rmSync(lockFile);
    await agent.line(({ event }) => event === 'deployment.committed');
    await agent.stop();
  });

  /** What the fleet would have left on the disk: the next version of the model, ordered and fetched. */
  async function orderNext(data: string): Promise<void> {
    const folder = join(base, 'next');
    cpSync(join(projectRoot, 'models/street'), folder, { recursive: true });
    const manifestFile = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as object;
    writeFileSync(manifestFile, JSON.stringify({ ...manifest, version: '9.0.0' }));
    const { digest } = await new FilesystemModelStore(join(data, 'models')).importFolder(folder);
    const file = join(data, 'memory.json');
    const memory = JSON.parse(readFileSync(file, 'utf8')) as { slots: { main?: object } };
    const model = { name: 'street', version: '9.0.0', digest };
    writeFileSync(
      file,
      JSON.stringify({
        ...memory,
        slots: { main: { ...memory.slots.main, deployment: { state: 'downloading', restarts: 0, model } } },
      }),
    );
  }

  it('takes an engine that hangs for lost, and leaves nothing of it behind', { timeout }, async () => {
    const plugins = { GOSHAWK_PLUGINS: pluginFolder(base, 'tensorrt') };
    const settings = agentSettings(base, await referenceBundle(base, 'onnx'), { answerTimeoutSeconds: 6 });
    agent = new AgentProcess(settings, plugins);
    await agent.line(({ msg }) => msg?.includes('its plan is there and was checked and watched') === true);
    await agent.stop();
    agent = new AgentProcess(settings, { ...plugins, GOSHAWK_REFERENCE_FAULTS: 'hang_at=4' });
    expect((await agent.line(({ msg }) => msg === 'engine chosen')).engine).toBe('tensorrt');
    const [hanging] = engineProcesses();
    await agent.line(({ event }) => event === 'engine.rebuild');
    await vi.waitFor(() => expect(engineProcesses()).not.toContain(hanging), { timeout: 60_000 });
    await agent.line(({ event }) => event === 'engine.change');
    expect(agent.events).not.toContain('engine.left-behind');
    await agent.stop();
  });
});
