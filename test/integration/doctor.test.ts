import { describe, expect, it } from 'vitest';
import { goshawk, jsonLines } from './goshawk.ts';

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
    expect(plugin?.detail).toMatch(/[Pp]lugin .*compiled|plugin was not built/);
    for (const { name, state, detail, remedy } of report?.checks ?? []) {
      expect(detail, name).not.toBe('');
      if (state !== 'ok') expect(remedy, name).toMatch(/\w/);
    }
  });

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

describe('goshawk cameras', () => {
  it('lists the cameras of this machine, or says that it has none', async () => {
    const [list] = jsonLines((await goshawk('cameras', '--json')).stdout) as unknown as {
      cameras: unknown[];
    }[];
    const { code, stdout } = await goshawk('cameras');
    expect(code).toBe(0);
    expect(Array.isArray(list?.cameras)).toBe(true);
    expect(stdout).toMatch(list?.cameras.length === 0 ? /No video device/ : /v4l2:\/dev\/video/);
  });
});
