// `npm test`: from a fresh clone to every check but the longest tests (`npm run test:long`). Arguments go to vitest (then only
// vitest runs).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureNode, ensurePackages, projectRoot, run, say } from './setup.mjs';

/** Programs and libraries of the system that some tests use, by Debian's package names, with what is lost without. */
const systemPackages = [
  ['ffmpeg', 'ffmpeg', 'video files'],
  ['mosquitto', 'mosquitto', 'the broker contract against Mosquitto'],
  ['chromium', 'chromium', 'the dashboard in a real browser'],
  ['g++', 'g++', 'the native data plane'],
  ['make', 'make', 'the native data plane'],
  ['g++-aarch64-linux-gnu', 'aarch64-linux-gnu-g++', 'the arm64 code of the letterbox, on a PC'],
  ['qemu-user-static', 'qemu-aarch64-static', 'the arm64 code of the letterbox, on a PC'],
  ['libturbojpeg0-dev', '/usr/include/turbojpeg.h', 'JPEG in the native data plane'],
  ['libonnxruntime-dev', '/usr/include/onnxruntime', 'the native ONNX Runtime engine'],
  ['cyclonedds-dev', '/usr/include/dds/dds.h', 'ROS 2 topics without ROS 2'],
  [
    'libfastdds-dev',
    '/usr/include/fastdds/dds/domain/DomainParticipant.hpp',
    'ROS 2 topics with another vendor',
  ],
  [
    'libgstreamer-plugins-base1.0-dev',
    '/usr/include/gstreamer-1.0/gst/app/gstappsink.h',
    'GStreamer in process',
  ],
  ['gstreamer1.0-libav', '/usr/share/doc/gstreamer1.0-libav', 'H.264 and H.265 cameras'],
  ['gstreamer1.0-plugins-good', '/usr/share/doc/gstreamer1.0-plugins-good', 'RTSP cameras'],
  ['gstreamer1.0-plugins-ugly', '/usr/share/doc/gstreamer1.0-plugins-ugly', 'the encoder of a test camera'],
  ['gstreamer1.0-plugins-bad', '/usr/share/doc/gstreamer1.0-plugins-bad', 'the encoder of a test camera'],
  ['gir1.2-gst-rtsp-server-1.0', '/usr/share/doc/gir1.2-gst-rtsp-server-1.0', 'a real RTSP server'],
  ['python3-gi', '/usr/share/doc/python3-gi', 'a real RTSP server'],
  ['fastddsgen', 'fastddsgen', 'ROS 2 topics with another vendor'],
  ['skopeo', 'skopeo', 'models in the registries of others'],
  ['oras', 'oras', 'models in the registries of others'],
  ['docker-registry', 'docker-registry', 'models in the registries of others'],
  ['zstd', 'zstd', 'models that travel packed'],
  ['python3-onnx', '/usr/lib/python3/dist-packages/onnx', "ONNX's own checker on optimized models"],
  ['python3-onnxruntime', '/usr/lib/python3/dist-packages/onnxruntime', 'comparison with Python'],
  ['python3-opencv', '/usr/share/doc/python3-opencv', 'comparison with OpenCV'],
];

function isThere(probe) {
  if (probe.startsWith('/')) return existsSync(probe);
  return spawnSync('sh', ['-c', `command -v ${probe}`], { stdio: 'ignore' }).status === 0;
}

function ensureSystemPackages() {
  const missing = systemPackages.filter(([, probe]) => !isThere(probe));
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  const install = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...names];
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    say(`Installing system packages for the tests: ${names.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const quiet = { env, stdio: ['ignore', 'ignore', 2] };
    if (run('apt-get', ['update', '-q'], quiet) === 0 && run(install[0], install.slice(1), quiet) === 0)
      return;
    say('apt-get could not install them all; the tests that need them are skipped and counted.');
    return;
  }
  say(`Not installed: ${names.join(', ')}. The tests that need them are skipped and counted:`);
  for (const [name, , what] of missing) say(`  ${name}: ${what}`);
  say(`To run them too: sudo ${install.join(' ')}`);
}

function step(title, command, args) {
  say(`\n== ${title}`);
  const status = run(command, args);
  if (status !== 0) say(`${title} failed (exit status ${status}).`);
  return status === 0;
}

/**
 * Prints every skipped test with its reason (it stands in the title), then every failed one with what it said, then the closing
 * line: who sees only the end of a long output, as CI shows it, sees what failed.
 */
function closingLines(reportFile) {
  const report = JSON.parse(readFileSync(reportFile, 'utf8'));
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: relative(projectRoot, file.name) })),
  );
  const skipped = tests.filter((test) => test.status === 'pending' || test.status === 'skipped');
  for (const test of skipped) say(`skipped: ${test.fullName}`);
  for (const test of tests.filter(({ status }) => status === 'failed'))
    say(`failed: ${test.file}: ${test.fullName}: ${firstLines(test.failureMessages[0])}`);
  // A file that could not be loaded has no test that failed.
  for (const file of report.testResults.filter((f) => f.status === 'failed' && f.message !== ''))
    say(`failed: ${relative(projectRoot, file.name)}: ${firstLines(file.message)}`);
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped.length} skipped`);
}

/** The message of a failure, with where it was thrown, short enough for one line of a log. */
function firstLines(message = '') {
  const oneLine = message.replaceAll(`${projectRoot}/`, '').split('\n').slice(0, 6).join(' | ');
  return oneLine.slice(0, 900);
}

ensureNode();
ensurePackages();
const chosen = process.argv.slice(2);
const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
const node = process.execPath;
let passed = true;
if (chosen.length === 0) {
  ensureSystemPackages();
  for (const [project, ...more] of [
    ['src/tsconfig.pure.json'],
    ['tsconfig.json', '--noEmit'],
    ['src/dashboard/tsconfig.json'],
    ['test/tsconfig.json'],
  ]) {
    passed = step(`Type check ${project}`, node, [tsc, '-p', project, ...more]) && passed;
  }
  passed = step('Lint and format', join('node_modules', '.bin', 'biome'), ['ci', '.']) && passed;
}
const { build } = await import('./build.mjs');
await build();
if (existsSync(join(projectRoot, 'native', 'build.mjs'))) {
  passed = step('Native data plane', node, [join('native', 'build.mjs')]) && passed;
}
const reportFolder = join(projectRoot, 'node_modules', '.goshawk');
const reportFile = join(reportFolder, 'tests.json');
mkdirSync(reportFolder, { recursive: true });
rmSync(reportFile, { force: true });
// Tests that start the program start what was built above.
process.env.TEST_COMPILED_GOSHAWK = 'yes';
const vitest = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
vitest.push(...(chosen.length === 0 ? ['--project', '!long'] : chosen));
passed = step('Tests', node, [join('node_modules', 'vitest', 'vitest.mjs'), ...vitest]) && passed;
if (existsSync(reportFile)) closingLines(reportFile);
process.exitCode = passed ? 0 : 1;
