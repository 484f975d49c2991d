import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { AgentProcess, agentSettings, pluginFolder, referenceBundle } from './agent-process.ts';
import { tinyBundleFolder } from './goshawk.ts';

const timeout = 300_000;
const python = '/usr/bin/python3';
const why = missingPlugin('reference') ?? missingPlugin('onnxruntime');
const noPython =
  spawnSync(python, ['--version']).status === 0 ? undefined : `there is no ${python} to signal a thread`;

describe.skipIf(why !== undefined)(titled('An agent that crashes', why), () => {
  let base: string;
  let agent: AgentProcess | undefined;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'goshawk-engine-crash-'));
  });
  afterEach(async () => {
    agent?.process.kill('SIGKILL');
    await agent?.ended;
    rmSync(base, { recursive: true, force: true });
  });

  const notes = () => join(base, 'data/engine-crashes');
  const chosen = async () => (await agent!.line(({ msg }) => msg === 'engine chosen')).engine;

  it('inside of an engine names it at its next start and runs on another one', { timeout }, async () => {
    const settings = agentSettings(base, await referenceBundle(base, 'onnx'), { isolate: false });
    const plugins = { GOSHAWK_PLUGINS: pluginFolder(base, 'tensorrt') };
    agent = new AgentProcess(settings, plugins);
    await agent.line(({ msg }) => msg?.includes('its plan is there and was checked and watched') === true);
    await agent.stop();

    agent = new AgentProcess(settings, { ...plugins, GOSHAWK_REFERENCE_FAULTS: 'fault_at=4' });
    expect((await agent.ended).signal).toBe('SIGSEGV');
    expect(readFileSync(notes(), 'utf8')).toBe('11 tensorrt\n');

    agent = new AgentProcess(settings, plugins);
    const second = await agent.line(({ msg }) => msg === 'engine chosen');
    expect(second.engine).toBe('onnxruntime');
    expect(second.reason).toContain('tensorrt: it crashed the last time');
    const told = await agent.line(({ event }) => event === 'engine.crashed');
    expect(told.msg).toMatch(/The engine tensorrt crashed \(SIGSEGV\); this device runs on another one/);
    await agent.stop();
  });

  it.skipIf(noPython !== undefined)(
    titled('on a thread that is no engine’s blames none', noPython),
    { timeout },
    async () => {
      const settings = agentSettings(base, await tinyBundleFolder(base));
      agent = new AgentProcess(settings);
      expect(await chosen()).toBe('onnxruntime');
      await agent.line(({ msg }) => msg === 'The agent has started');
      faultInLibraryThread(agent.process.pid ?? 0);
      expect((await agent.ended).signal).toBe('SIGSEGV');
      expect(existsSync(notes())).toBe(false);

      agent = new AgentProcess(settings);
      expect(await chosen()).toBe('onnxruntime');
      await agent.stop();
    },
  );
});

/** The oldest thread after the first was there before anything of ours was loaded. */
function faultInLibraryThread(pid: number): void {
  const [thread] = readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .filter((each) => each !== pid)
    .sort((a, b) => a - b);
  const tgkill = { x64: 234, arm64: 131 }[process.arch as 'x64' | 'arm64'];
  const script = `import ctypes; ctypes.CDLL(None).syscall(${tgkill}, ${pid}, ${thread}, 11)`;
  expect(spawnSync(python, ['-c', script]).status).toBe(0);
}
