#!/usr/bin/env node
// Compiles the plugin for TensorRT against stand-in headers of several versions, with stand-ins for its libraries and the driver, under
// AddressSanitizer and UndefinedBehaviorSanitizer, and runs each. TEST_TENSORRT_HEADERS: folders of real headers, with ":" between
// them, that it is compiled against as well. Exit status 77: there is no compiler, or no cuda.h.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { targets } from '../../targets.mjs';
import { cudaIncludeFolder } from '../../toolchain.mjs';

const here = import.meta.dirname;
const native = path.join(here, '../..');
const compiler = process.env.CXX ?? 'g++';
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const probe = spawnSync(compiler, [...sanitizers, '-x', 'c++', '-', '-o', '/dev/null'], {
  input: 'int main(){}',
});
const cuda = cudaIncludeFolder();
if (probe.error || probe.status !== 0 || cuda === undefined) {
  process.stderr.write(cuda === undefined ? 'there is no cuda.h\n' : `${compiler} has no sanitizers\n`);
  process.exit(77);
}

/** As JetPack 5 has it, JetPack 6, JetPack 7, and the newest. */
const versions = [
  [8, 6],
  [10, 3],
  [10, 13],
  [11, 1],
];
const flags = ['-std=c++17', '-O0', '-g1', '-Wall', '-Wextra'];
const sources = targets.tensorrt({}).sources.map((file) => path.join(native, file));

function compile(what, args) {
  const done = spawnSync(compiler, [...flags, '-isystem', cuda, ...args], { stdio: 'inherit' });
  if (done.status === 0) return;
  process.stderr.write(`${what} does not compile\n`);
  process.exit(1);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'goshawk-tensorrt-'));
try {
  const driver = path.join(folder, 'libcuda.so.1');
  const library = [...sanitizers, '-fPIC', '-shared'];
  compile('The driver', [
    ...library,
    path.join(here, 'fake_driver.cc'),
    '-Wl,-soname,libcuda.so.1',
    '-o',
    driver,
  ]);
  for (const [major, minor] of versions) {
    const what = `TensorRT ${major}.${minor}`;
    const place = path.join(folder, `${major}.${minor}`);
    fs.mkdirSync(place);
    const headers = [
      `-DSTAND_IN_MAJOR=${major}`,
      `-DSTAND_IN_MINOR=${minor}`,
      '-isystem',
      path.join(here, 'include'),
    ];
    const infer = path.join(place, `libnvinfer.so.${major}`);
    compile(what, [...library, ...headers, path.join(here, 'fake_tensorrt.cc'), driver, '-o', infer]);
    fs.symlinkSync(infer, path.join(place, `libnvonnxparser.so.${major}`));
    const test = path.join(place, 'test');
    const files = [...sources, path.join(here, 'engine_test.cc'), driver];
    compile(what, [...sanitizers, ...headers, ...files, '-ldl', '-o', test]);
    const run = spawnSync(test, [place], {
      stdio: 'inherit',
      env: { ...process.env, LD_LIBRARY_PATH: `${place}:${folder}` },
    });
    if (run.status !== 0) {
      process.stderr.write(`${what} failed\n`);
      process.exit(1);
    }
  }
  for (const headers of (process.env.TEST_TENSORRT_HEADERS ?? '').split(':').filter(Boolean)) {
    for (const source of sources) compile(headers, ['-fsyntax-only', '-isystem', headers, source]);
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
