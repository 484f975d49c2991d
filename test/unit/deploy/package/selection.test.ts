import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Lock, neededPackages } from '../../../../deploy/package/lock.ts';
import { isBuiltFile, isModelFile, isRuntimeFile } from '../../../../deploy/package/selection.ts';
import { filesOfBundle } from '../../../../deploy/package/tree.ts';
import { bundleFiles, parseManifest } from '../../../../src/model/index.ts';
import { projectRoot } from '../../../integration/goshawk.ts';

describe('Of an npm package', () => {
  it.each([
    'package.json',
    'lib/index.js',
    'dist/index.mjs',
    'LICENSE',
    'LICENSE.md',
    'lib/schema.json',
    'prebuilds/linux-arm64/x.glibc.node',
  ])('%s is shipped', (path) => {
    expect(isRuntimeFile('some', path, 'arm64')).toBe(true);
  });

  it.each([
    'README.md',
    'index.d.ts',
    'lib/index.js.map',
    'test/all.js',
    'docs/Guide.js',
    'src/binding.cpp',
    'prebuilds/linux-x64/x.glibc.node',
    'prebuilds/linux-arm64/x.musl.node',
    'prebuilds/darwin-arm64/x.glibc.node',
    '.github/workflows/ci.js',
    'integration/test.sh',
  ])('%s is not', (path) => {
    expect(isRuntimeFile('some', path, 'arm64')).toBe(false);
  });

  it('everything is shipped that the clients of PostgreSQL and RabbitMQ load', () => {
    const script = `require('pg'); require('amqplib'); console.log(JSON.stringify(Object.keys(require.cache)))`;
    const text = execFileSync(process.execPath, ['-e', script], { cwd: projectRoot, encoding: 'utf8' });
    const loaded = (JSON.parse(text) as string[]).map((path) => relative(projectRoot, path));
    const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as Lock;
    const needed = new Set(neededPackages(lock, 'x64'));
    const left = loaded.filter((path) => {
      const [, folder = '', name = '', rest = ''] =
        /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\/(.*)$/.exec(path) ?? [];
      return !needed.has(folder) || !isRuntimeFile(name, rest, 'x64');
    });
    expect(loaded.length).toBeGreaterThan(20);
    expect(left).toEqual([]);
  });

  it('the headers that addons are compiled with on a board are shipped, and nothing else beside them', () => {
    const shipped = (name: string, ...paths: string[]) =>
      paths.filter((path) => isRuntimeFile(name, path, 'arm64'));
    expect(
      shipped(
        'node-addon-api',
        'package.json',
        'LICENSE.md',
        'napi.h',
        'napi-inl.h',
        'index.js',
        'tools/x.js',
      ),
    ).toEqual([...['package.json', 'LICENSE.md', 'napi.h', 'napi-inl.h']]);
    expect(shipped('node-api-headers', 'include/node_api.h', 'lib/def.js', 'def/node_api.def')).toEqual([
      'include/node_api.h',
    ]);
    expect(shipped('some', 'include/some.h')).toEqual([]);
  });

  it('ONNX Runtime comes for one processor', () => {
    const shipped = ['linux/arm64', 'linux/x64', 'win32/arm64', 'darwin/arm64'].filter((platform) =>
      isRuntimeFile('onnxruntime-node', `bin/napi-v6/${platform}/libonnxruntime.so.1`, 'arm64'),
    );
    expect(shipped).toEqual(['linux/arm64']);
    expect(isRuntimeFile('onnxruntime-node', 'script/install.js', 'arm64')).toBe(false);
  });
});

describe('Of the project', () => {
  it('the built program is shipped without maps, which hold sources', () => {
    expect(['src/cli/main.js', 'dashboard/main.js.map', '.built'].filter(isBuiltFile)).toEqual([
      'src/cli/main.js',
    ]);
  });

  it('a model is shipped without how it was trained', () => {
    const files = [
      'manifest.json',
      'street.onnx',
      'labels.txt',
      'README.md',
      'profiles/north.json',
      'train.py',
      'chain.sh',
    ];
    expect(files.filter((path) => !isModelFile(path))).toEqual(['train.py', 'chain.sh']);
  });

  it.each(['street', 'street-int8'])('every file that its bundle names is shipped: %s', (name) => {
    const text = readFileSync(join(projectRoot, 'models', name, 'manifest.json'), 'utf8');
    const manifest = parseManifest(text, name);
    const paths = bundleFiles(manifest).map(({ path }) => path);
    const named = filesOfBundle(join(projectRoot, 'models', name));
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !isModelFile(path, named))).toEqual([]);
  });
});
