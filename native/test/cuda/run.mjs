#!/usr/bin/env node
// Builds the test of importing pictures for CUDA, with stand-ins for the driver and a Jetson's library, under AddressSanitizer
// and UndefinedBehaviorSanitizer, and runs it. Exit status 77: there is no compiler, or no cuda.h of CUDA 13.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cudaIncludeFolder } from '../../toolchain.mjs';

const here = import.meta.dirname;
const compiler = process.env.CXX ?? 'g++';
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const probe = spawnSync(compiler, [...sanitizers, '-x', 'c++', '-', '-o', '/dev/null'], {
  input: 'int main(){}',
});
const cuda = cudaIncludeFolder();
const knows = cuda !== undefined && fs.readFileSync(path.join(cuda, 'cuda.h'), 'utf8').includes('DMABUF_FD');
if (probe.error || probe.status !== 0 || !knows) {
  process.stderr.write(knows ? `${compiler} has no sanitizers\n` : 'there is no cuda.h of CUDA 13\n');
  process.exit(77);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'goshawk-cuda-'));
try {
  const flags = ['-std=c++17', '-O1', '-g', '-Wall', '-Wextra', '-isystem', cuda, ...sanitizers];
  const build = (name, sources, ...args) => {
    const files = sources.map((file) => path.join(here, file));
    const done = spawnSync(compiler, [...flags, ...args, ...files, '-o', path.join(folder, name), '-ldl'], {
      stdio: 'inherit',
    });
    if (done.status !== 0) process.exit(1);
  };
  const library = ['-fPIC', '-shared'];
  build('libcuda.so.1', ['fake_driver.cc'], ...library, '-Wl,-soname,libcuda.so.1');
  build('libnvbufsurface.so', ['fake_surfaces.cc'], ...library, '-Wl,-soname,libnvbufsurface.so');
  const plugin = '../../plugins/tensorrt';
  const sources = [
    'import_test.cc',
    'egl_layout.cc',
    `${plugin}/picture_import.cc`,
    `${plugin}/cuda_driver.cc`,
  ];
  build('test', sources, path.join(folder, 'libcuda.so.1'), path.join(folder, 'libnvbufsurface.so'));
  const run = spawnSync(path.join(folder, 'test'), {
    stdio: 'inherit',
    env: { ...process.env, LD_LIBRARY_PATH: folder },
  });
  process.exitCode = run.status ?? 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
