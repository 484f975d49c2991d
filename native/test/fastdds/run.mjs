#!/usr/bin/env node
// Builds the test of the Fast DDS endpoints with AddressSanitizer and UndefinedBehaviorSanitizer and runs it. Exit status 77:
// there is no compiler, no such sanitizer, or no Fast DDS 3. The library itself is not instrumented, so that the thread
// sanitizer would see races that are none.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const native = path.join(import.meta.dirname, '../..');
const compiler = process.env.CXX ?? 'g++';
const include = process.env.GOSHAWK_FASTDDS_INCLUDE ?? '/usr/include';
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const probe = spawnSync(
  compiler,
  [...sanitizers, `-I${include}`, '-x', 'c++', '-', '-o', '/dev/null', '-lfastdds'],
  { input: '#include <fastdds/rtps/RTPSDomain.hpp>\nint main(){}' },
);
if (probe.error || probe.status !== 0) {
  process.stderr.write(`${compiler} is not here, can't link ${sanitizers[0]}, or there is no Fast DDS 3\n`);
  process.exit(77);
}
const out = path.join(native, 'build', 'fastdds_test');
fs.mkdirSync(path.dirname(out), { recursive: true });
const sources = [
  'src/dds/fastdds/participant.cc',
  'src/dds/fastdds/endpoint.cc',
  'test/fastdds/endpoint_test.cc',
];
const flags = ['-std=c++17', '-O1', '-g', '-fno-omit-frame-pointer', '-Wall', '-Wextra', `-I${include}`];
const libraries = ['-lfastdds', '-lfastcdr', '-lpthread'];
const build = spawnSync(compiler, [...flags, ...sanitizers, ...sources, '-o', out, ...libraries], {
  cwd: native,
  stdio: 'inherit',
});
if (build.status !== 0) process.exit(1);
const run = spawnSync(out, {
  stdio: 'inherit',
  env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' },
});
process.exit(run.status ?? 1);
