import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pluginPath } from '../../native/index.ts';
import { missingPlugin, titled } from './native-build.ts';

const hasBinutils =
  spawnSync('nm', ['--version']).status === 0 && spawnSync('readelf', ['--version']).status === 0;
const withoutTools = hasBinutils ? undefined : 'nm and readelf (binutils) are not installed';

const nm = (file: string, ...flags: string[]) =>
  execFileSync('nm', ['-D', ...flags, file], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).at(-1) ?? '')
    .filter((name) => name !== '');

/** What a plugin may not need at load time: it must load, and say so, where the engine's libraries are not installed. */
const engineSymbol = /^(cu[A-Z]|cuda|nv|_ZN?K?8nvinfer1|_ZN?K?10nvonnxparser|createInfer|createNvOnnx|Ort)/;

for (const name of ['reference', 'onnxruntime', 'tensorrt'] as const) {
  const why = missingPlugin(name) ?? withoutTools;
  describe.skipIf(why !== undefined)(titled(`library of the plugin ${name}`, why), () => {
    const file = pluginPath(name) ?? '';

    it('needs no symbol of its engine to load', () => {
      expect(nm(file, '--undefined-only').filter((symbol) => engineSymbol.test(symbol))).toEqual([]);
    });

    it('exports only its one function', () => {
      expect(
        nm(file, '--defined-only').filter(
          (symbol) => !/^(_init|_fini|_edata|_end|__bss_start)$/.test(symbol),
        ),
      ).toEqual(['goshawk_plugin_open']);
    });

    it('binds every symbol when it is loaded, so that a missing one is found then and not in the middle of a frame', () => {
      expect(execFileSync('readelf', ['-d', file], { encoding: 'utf8' })).toMatch(/BIND_NOW|FLAGS_1.*NOW/);
    });
  });
}

const noAddon = missingPlugin('reference') ?? withoutTools;
describe.skipIf(noAddon !== undefined)(titled('library of the addon', noAddon), () => {
  it('knows no engine: neither NVIDIA nor ONNX Runtime, by symbol or by library', () => {
    const file = path.join(path.dirname(pluginPath('reference') ?? ''), 'goshawk.node');
    expect(nm(file, '--undefined-only').filter((symbol) => engineSymbol.test(symbol))).toEqual([]);
    expect(execFileSync('readelf', ['-d', file], { encoding: 'utf8' })).not.toMatch(
      /NEEDED.*(cuda|nvinfer|onnxruntime|jpeg)/,
    );
  });
});
