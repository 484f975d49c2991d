#!/usr/bin/env node
// Builds the C++ test program with a sanitizer and runs it.
//
//   node native/test/run.mjs address|thread|none [rounds of stages] [frames]
//
// `address` is AddressSanitizer with UndefinedBehaviorSanitizer. Exit status 77: there is no compiler, or it has no such
// sanitizer. CXX chooses the compiler; RUNNER is put before the program. The NEON code on a PC:
//
//   CXX=aarch64-linux-gnu-g++ RUNNER='qemu-aarch64-static -L /usr/aarch64-linux-gnu' node native/test/run.mjs none
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const native = path.join(import.meta.dirname, '..');
const [kind = 'address', rounds = '300', frames = '1000'] = process.argv.slice(2);
const sanitizers = {
  address: ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  thread: ['-fsanitize=thread'],
  none: [],
};
const chosen = sanitizers[kind];
if (chosen === undefined) {
  process.stderr.write(`unknown sanitizer ${kind}; known are ${Object.keys(sanitizers).join(', ')}\n`);
  process.exit(64);
}

const folders = [
  'src/base',
  'src/core',
  'src/preprocess',
  'src/postprocess',
  'plugins/isolated',
  'plugins/reference',
  'test',
];
const sources = folders.flatMap((folder) =>
  fs
    .readdirSync(path.join(native, folder))
    // Of two plugins only one can have the function that opens it.
    .filter((name) => name.endsWith('.cc') && name !== 'isolated_plugin.cc')
    .map((name) => path.join(folder, name)),
);
const compiler = process.env.CXX ?? 'g++';
const out = path.join(native, 'build', `native_test_${kind}_${path.basename(compiler)}`);
fs.mkdirSync(path.dirname(out), { recursive: true });
const flags = ['-std=c++17', '-O1', '-g', '-fno-omit-frame-pointer', '-ffp-contract=off', '-Wall', '-Wextra'];

const probe = spawnSync(compiler, [...chosen, '-x', 'c++', '-', '-o', '/dev/null'], {
  input: 'int main(){}',
});
if (probe.error || probe.status !== 0) {
  process.stderr.write(`${compiler} is not here or can't link ${chosen.join(' ')}\n`);
  process.exit(77);
}
const newest = ['src', 'plugins', 'test']
  .flatMap((folder) =>
    fs
      .readdirSync(path.join(native, folder), { recursive: true })
      .map((name) => path.join(native, folder, name)),
  )
  .reduce((latest, file) => Math.max(latest, fs.statSync(file).mtimeMs), 0);
if ((fs.statSync(out, { throwIfNoEntry: false })?.mtimeMs ?? 0) <= newest) {
  const build = spawnSync(compiler, [...flags, ...chosen, ...sources, '-o', out, '-ldl', '-lpthread'], {
    cwd: native,
    stdio: 'inherit',
  });
  if (build.status !== 0) process.exit(1);
}
const [program, ...before] = [...(process.env.RUNNER ?? '').split(' ').filter((word) => word !== ''), out];
const run = spawnSync(program, [...before, rounds, frames], {
  stdio: 'inherit',
  env: { ...process.env, TSAN_OPTIONS: 'halt_on_error=1', UBSAN_OPTIONS: 'print_stacktrace=1' },
});
process.exit(run.status ?? 1);
