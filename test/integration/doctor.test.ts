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
});
