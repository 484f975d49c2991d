#!/usr/bin/env node
// Builds the tests of the Fast DDS endpoints with AddressSanitizer and UndefinedBehaviorSanitizer and runs them. Exit status
// 77: there is no compiler, no such sanitizer, or no Fast DDS 3, 2.14 or 2.6. The library itself is not instrumented, so that the
// thread sanitizer would see races that are none.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fastDds } from '../../toolchain.mjs';

const native = path.join(import.meta.dirname, '../..');
const compiler = process.env.CXX ?? 'g++';
const found = fastDds();
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const place = found?.library === undefined ? [] : [`-L${found.library}`, `-Wl,-rpath,${found.library}`];
const libraries = [...place, found?.major === 2 ? '-lfastrtps' : '-lfastdds', '-lfastcdr', '-lpthread'];
const probe = spawnSync(compiler, [...sanitizers, '-x', 'c++', '-', '-o', '/dev/null', ...libraries], {
  input: 'int main(){}',
});
if (found?.include === undefined || probe.error || probe.status !== 0) {
  process.stderr.write(
    `${compiler} is not here, can't link ${sanitizers[0]}, or there is no Fast DDS 3, 2.14 or 2.6\n`,
  );
  process.exit(77);
}
const include = [`-I${found.include}`, `-DGOSHAWK_FASTDDS_MAJOR=${found.major}`];
const flags = ['-std=c++17', '-O1', '-g', '-fno-omit-frame-pointer', '-Wall', '-Wextra', ...include];

/** Ends this program where it fails. */
function test(name, sources) {
  const out = path.join(native, 'build', `${name}_test`);
  fs.mkdirSync(path.dirname(out), { recursive: true });
  const build = spawnSync(compiler, [...flags, ...sanitizers, ...sources, '-o', out, ...libraries], {
    cwd: native,
    stdio: 'inherit',
  });
  if (build.status !== 0) process.exit(1);
  const env = { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' };
  const run = spawnSync(out, { stdio: 'inherit', env });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

if (found.major === 3) {
  test('fastdds_statistics', ['test/fastdds/statistics_test.cc']);
  test('fastdds_known_destinations', ['test/fastdds/known_destinations_test.cc']);
  test('fastdds_transports', ['test/fastdds/transports_test.cc']);
}
test('fastdds_given_up', ['test/fastdds/given_up_test.cc']);
test('fastdds', [
  'src/dds/fastdds/participant.cc',
  'src/dds/fastdds/endpoint.cc',
  'test/fastdds/endpoint_test.cc',
]);
