import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { AgentProcess, agentSettings, pluginFolder, referenceBundle } from './agent-process.ts';

const why = missingPlugin('reference');
/** Two runs come first: the plan is built and proven in a start before. */
const timeout = 300_000;

/** A live agent whose TensorRT is the reference engine, which fails as it is told to. */
describe.skipIf(why !== undefined)(titled('A live agent whose engine is sick', why), () => {
  let base: string;
  let agent: AgentProcess | undefined;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'goshawk-engine-recovery-'));
  });
  afterEach(async () => {
    agent?.process.kill('SIGKILL');
    await agent?.ended;
    rmSync(base, { recursive: true, force: true });
  });

  const recovery = () =>
    agent!.events.filter((kind) => /^(engine\.(?!chosen|left)|detector\.)/.test(kind)).join(' ');

  /** An agent that begins on TensorRT, because its plan was proven in a start before. */
  async function onTensorrt(settings: string, plugins: string, faults: string): Promise<AgentProcess> {
    agent = new AgentProcess(settings, { GOSHAWK_PLUGINS: plugins });
    await agent.line(({ msg }) => msg?.includes('its plan is there and was checked and watched') === true);
    await agent.stop();
    agent = new AgentProcess(settings, { GOSHAWK_PLUGINS: plugins, GOSHAWK_REFERENCE_FAULTS: faults });
    expect((await agent.line(({ msg }) => msg === 'engine chosen')).engine).toBe('tensorrt');
    return agent;
  }

  const chosen = () =>
    agent!.lines.flatMap(({ msg, engine }) => (msg === 'engine chosen' ? [engine] : [])).join(' ');

  it('builds one that hangs anew, takes the next one, and ends with status 75 when that hangs too', {
    timeout,
  }, async () => {
    const plugins = pluginFolder(base, 'tensorrt', 'onnxruntime');
    const model = await referenceBundle(base, 'reference');
    const settings = agentSettings(base, model, { answerTimeoutSeconds: 6, isolate: false });
    // Two frames warm it up; each new engine hangs like the one before.
    const sick = await onTensorrt(settings, plugins, 'hang_at=4');
    expect(await sick.ended).toEqual({ code: 75, signal: null });
    expect(recovery()).toBe(
      'detector.stuck engine.rebuild detector.stuck engine.change detector.stuck engine.restart-process',
    );
    expect(chosen()).toBe('tensorrt tensorrt onnxruntime');
    expect(sick.events).toContain('engine.left-behind');
  });

  it('goes on with the next one where every frame fails', { timeout }, async () => {
    const plugins = pluginFolder(base, 'tensorrt');
    const model = await referenceBundle(base, 'onnx');
    const settings = agentSettings(base, model, { failingSeconds: 1, isolate: false });
    const sick = await onTensorrt(settings, plugins, 'fail_from=4');
    await sick.line(({ event }) => event === 'engine.change');
    // Each new engine answers a frame before it fails; from the last one on frames come through.
    await sick.line(() => sick.events.lastIndexOf('camera.recovered') > sick.events.indexOf('engine.change'));
    expect(recovery()).toBe('detector.failing engine.rebuild detector.failing engine.change');
    expect(chosen()).toMatch(/^tensorrt tensorrt onnxruntime/);
    await sick.stop();
  });

  it('ends at once where it lost the process, and the third time runs on another engine', {
    timeout,
  }, async () => {
    const plugins = pluginFolder(base, 'tensorrt');
    const settings = agentSettings(base, await referenceBundle(base, 'onnx'), { isolate: false });
    const faults = 'process_lost_at=4';
    let sick = await onTensorrt(settings, plugins, faults);
    for (let start = 1; start <= 3; start++) {
      expect(await sick.ended).toEqual({ code: 75, signal: null });
      expect(recovery()).toBe('detector.failing engine.restart-process');
      expect(readFileSync(join(base, 'data/engine-crashes'), 'utf8')).toBe('lost tensorrt\n'.repeat(start));
      sick = new AgentProcess(settings, { GOSHAWK_PLUGINS: plugins, GOSHAWK_REFERENCE_FAULTS: faults });
      agent = sick;
    }
    const last = await sick.line(({ msg }) => msg === 'engine chosen');
    expect(last.engine).toMatch(/^onnxruntime/);
    const told = await sick.line(({ event }) => event === 'engine.crashed');
    expect(told.msg).toContain('The engine tensorrt lost its device (3 times)');
    await sick.stop();
  });
});
