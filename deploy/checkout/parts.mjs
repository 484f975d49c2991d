// The parts of `npm run bench`, `npm run check` and `npm test` that have a name of their own: `npm run bench -- graph [options]`.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './setup.mjs';

const tsx = ['--import', 'tsx'];
const program = (file, ...flags) => ({ program: [...flags, ...tsx, file] });
const vitest = (args, env = {}) => ({ vitest: args, env });
/** Test files that import a package, found when they are run. */
const filesWith = (name) => () =>
  readdirSync(join(projectRoot, 'test'), { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .filter((file) => readFileSync(join(projectRoot, file), 'utf8').includes(`'${name}'`));
const hours = { GOSHAWK_LONG_TESTS: '1' };

/** Comparisons with peers; none of them is a test. */
export const benches = {
  'data-plane': [
    program('test/bench/main.ts'),
    'the stages of the data plane beside OpenCV and ONNX Runtime',
  ],
  decoders: [program('test/bench/decoders.ts'), 'decode and NMS of each family beside numpy and OpenCV'],
  graph: [program('test/bench/graph/main.ts'), 'several models per camera beside Python'],
  batches: [program('test/bench/camera-batches.ts'), 'cameras that share a batch'],
  cameras: [program('test/bench/cameras/endurance.ts'), 'live cameras with faults'],
  'camera-memory': [program('test/bench/cameras/memory.ts'), 'memory of six cameras over minutes'],
  'camera-cpu': [program('test/bench/cameras/cpu.ts'), 'CPU per frame beside ffmpeg'],
  'device-memory': [program('test/bench/cameras/device-memory.ts'), 'pictures that stay in device memory'],
  streams: [program('test/bench/streams.ts'), 'results to receivers that are stopped and started'],
  clips: [program('test/bench/clips/main.ts'), 'clips cut while their cameras and their disk fail'],
  swaps: [program('test/bench/swaps/main.ts', '--expose-gc'), 'a thousand model swaps'],
  rules: [
    program('test/bench/rules/main.ts'),
    'zones and lines: their time per frame, and counts on the street',
  ],
  'hot-day': [program('test/bench/targets/main.ts'), 'targets on a day that gets hot'],
  ros2: [program('test/bench/ros2/main.ts'), 'pictures and detections over DDS'],
  'ros2-conversion': [program('test/bench/ros2/conversion.ts'), 'colours converted beside the event loop'],
  'ros2-latency': [program('test/bench/ros2/latency.ts'), 'latency and loss beside plain C'],
  'ros2-rclnodejs': [program('test/bench/ros2/rclnodejs.ts'), 'the same through rclnodejs (needs ROS 2)'],
  'ros2-lifecycle': [program('test/bench/ros2/lifecycle.ts'), 'starts and ends of nodes'],
  drift: [program('test/bench/drift/main.ts', '--expose-gc'), 'drift detectors on the street'],
  'drift-days': [program('test/bench/drift/days/main.ts'), 'false alarms over days'],
  'drift-real': [program('test/bench/drift/real/main.ts'), 'the watch on real video with 39 kinds of faults'],
  rollouts: [program('test/bench/rollouts/main.ts'), 'how often a gate stops a good and a bad version'],
  'rollout-looks': [program('test/bench/rollouts/looks.ts'), 'looks of a gate'],
  'rollout-guard': [program('test/bench/rollouts/guard-main.ts'), 'the guard over days'],
  'rollout-agents': [program('test/bench/rollout-agents/main.ts'), 'a rollout over many agents'],
  recovery: [
    program('test/bench/recovery/main.ts'),
    'from the owners’ command to the last device being right',
  ],
  ingest: [program('test/bench/controller-ingest.ts'), 'a whole fleet on one controller, its API and stream'],
  'ingest-sizes': [
    program('test/bench/ingest-sizes.ts'),
    'what a controller costs from 100 to 20,000 devices',
  ],
  'fleet-steps': [
    program('test/bench/fleet-steps.ts'),
    'what orders, dashboards and connections cost in a large fleet',
  ],
  'ingest-processes': [program('test/bench/ingest-processes.ts'), 'telemetry shared by 1, 2 and 3 processes'],
  'ingest-peers': [
    program('test/bench/ingest-peers.ts'),
    'the same samples into collectd, Prometheus and VictoriaMetrics',
  ],
  'ingest-chaos': [program('test/bench/ingest-chaos.ts'), 'a fleet of processes that are killed in turns'],
  migration: [program('test/bench/controller-migration.ts'), '30 days of devices from SQLite to PostgreSQL'],
  'first-rows': [program('test/bench/first-rows.ts'), 'the first rows of a large fleet over HTTP'],
  'alert-rules': [program('test/bench/alert-rules.ts'), 'what alert rules cost the controller'],
  'control-room': [program('test/bench/control-room.ts'), 'the page of the control room in a browser'],
  'control-room-restart': [
    program('test/bench/control-room-restart.ts'),
    'how long pages are without live data when the controller restarts',
  ],
  outbox: [program('test/bench/outbox-drain.ts'), 'a long backlog of a device'],
  'evidence-load': [program('test/bench/evidence-load/main.ts'), 'what evidence costs the controller'],
  encryption: [program('test/bench/encryption/main.ts'), 'encrypted bundles'],
  downloads: [program('test/bench/downloads/main.ts'), 'downloads of a fleet'],
};

/** What is looked at apart from the tests, some of it for hours. */
export const checks = {
  leak: [program('test/conformance/leak.ts', '--expose-gc'), 'memory after many loads'],
  sanitizers: [{ program: ['native/test/run.mjs'] }, 'the C++ tests under sanitizers'],
  cuts: [
    vitest(['test/conformance/tuf/power-cuts.test.ts'], { GOSHAWK_EVERY_CUT: '1' }),
    'every power cut of the trust store',
  ],
  'disk-cuts': [program('test/conformance/disk-cuts/main.ts'), 'power cuts of a real file system'],
  'taken-out': [
    program('test/conformance/taken-out/main.ts'),
    'each check of trust taken out: does a test fail?',
  ],
  'plain-weights': [
    program('test/conformance/plain-weights/main.ts'),
    'no plaintext of an encrypted model on a disk',
  ],
  s3: [program('test/conformance/s3-store.ts'), 'the blob store against an S3 of yours'],
  oci: [program('test/conformance/oci-distribution.ts'), "OCI's own conformance suite"],
};

/** Tests beyond `npm test`. */
export const suites = {
  rest: [vitest(['--project', 'rest', '--project', 'alone']), 'what `npm test` leaves out'],
  long: [vitest(['--project', 'long']), 'the longest files: sanitizers, whole days, killed processes'],
  properties: [vitest(filesWith('fast-check'), { GOSHAWK_SEED: 'random' }), 'properties on random cases'],
  rollouts: [
    vitest(
      [
        'test/integration/fleet/rollouts.test.ts',
        'test/integration/fleet/gated-rollout.test.ts',
        'test/integration/fleet/challenges.test.ts',
        'test/unit/controller/rollouts/gated-rollout.test.ts',
      ],
      hours,
    ),
    'rollouts over processes, half an hour',
  ],
  'model-ci': [vitest(['test/integration/fleet/model-ci.test.ts'], hours), 'releasing a model from CI'],
  retraining: [
    vitest(['test/integration/fleet/retraining.test.ts'], hours),
    'the retraining loop to its end',
  ],
  npm: [vitest(['--project', 'npm']), 'what npm packs, installed'],
  pages: [vitest(['--project', 'pages']), 'lines of the docs, typed against a lab'],
  package: [program('test/package/main.ts'), 'the packages, installed in a clean Debian'],
  container: [program('test/package/container.ts'), 'the container image, run as its user'],
  image: [program('test/image/main.ts'), 'the flash image, and boards started from it'],
};
