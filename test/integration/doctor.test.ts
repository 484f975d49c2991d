import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { ended, goshawk, jsonLines, startWith } from './goshawk.ts';

describe('goshawk doctor', () => {
  it('says of every part whether it is there, and of every missing one what to do', async () => {
    const ran = await goshawk('doctor', '--json');
    const [report] = jsonLines(ran.stdout) as unknown as {
      ok: boolean;
      checks: { name: string; state: string; detail: string; remedy?: string }[];
    }[];
    expect(ran.code).toBe(0);
    expect(report?.ok).toBe(true);
    const names = report?.checks.map(({ name }) => name);
    for (const name of [
      'node',
      'gpu',
      'onnxruntime-node',
      'compiler',
      'tensorrt',
      'ffmpeg',
      'gstreamer',
      'cameras',
      'mosquitto',
      'ros2',
    ]) {
      expect(names).toContain(name);
    }
    const plugin = report?.checks.find(({ name }) => name === 'tensorrt');
    expect(plugin?.detail).toMatch(/loads; compiled|plugin was not built|native data plane/);
    for (const { name, state, detail, remedy } of report?.checks ?? []) {
      expect(detail, name).not.toBe('');
      if (state !== 'ok') expect(remedy, name).toMatch(/\w/);
    }
  });

  it('fails where a native part is installed and does not load, and where one ends its process', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'goshawk_onnxruntime.so'), 'no library');
    const dies = join(folder, 'goshawk_reference.so');
    const code = '#include <stdlib.h>\n__attribute__((constructor)) static void f(void) { abort(); }';
    const compiled =
      spawnSync('cc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', dies], { input: code }).status === 0;
    const ran = await ended(startWith({ GOSHAWK_PLUGINS: folder }, 'doctor', '--json'));
    const [report] = jsonLines(ran.stdout) as unknown as {
      ok: boolean;
      checks: { name: string; state: string; detail: string; remedy?: string }[];
    }[];
    expect(ran.code, ran.stderr).toBe(1);
    expect(report?.ok).toBe(false);
    const row = (name: string) => report?.checks.find((check) => check.name === name);
    expect(row('onnxruntime (native)')).toMatchObject({
      state: 'broken',
      detail: expect.stringMatching(
        /goshawk_onnxruntime\.so is installed and does not load: .*(file too short|invalid ELF)/,
      ),
      remedy: expect.stringMatching(/\w{3}/),
    });
    if (compiled) {
      expect(row('native reference')).toMatchObject({
        state: 'broken',
        detail: expect.stringContaining('SIGABRT'),
      });
    }
  }, 600_000);

  it('says with --ota whether the board would switch, by its words and its exit status', async () => {
    const ran = await goshawk('doctor', '--ota', '--json');
    const [verdict] = jsonLines(ran.stdout) as unknown as {
      ready: boolean;
      command?: string;
      findings: { name: string; state: string; remedy?: string }[];
    }[];
    expect(ran.code).toBe(verdict?.ready === true ? 0 : 5);
    expect(verdict?.command === undefined).toBe(verdict?.ready === false);
    for (const { name, state, remedy } of verdict?.findings ?? []) {
      if (state === 'refused') expect(remedy, name).toMatch(/\w/);
    }
    expect(verdict?.findings.length).toBeGreaterThan(0);
  });
});

describe('goshawk camera list', () => {
  it('lists the cameras of this machine, or says that it has none', async () => {
    const [list] = jsonLines((await goshawk('camera', 'list', '--json')).stdout) as unknown as {
      cameras: unknown[];
    }[];
    const { code, stdout } = await goshawk('camera', 'list');
    expect(code).toBe(0);
    expect(Array.isArray(list?.cameras)).toBe(true);
    expect(stdout).toMatch(list?.cameras.length === 0 ? /No video device/ : /v4l2:\/dev\/video/);
  });
});
