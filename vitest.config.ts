import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** A flood beside which the controller must go on answering: these have the machine to themselves, after all others. */
const alone = [
  ...['quotas', 'operator', 'viewer', 'filled-disk'].map((name) => `test/hostile/${name}.test.ts`),
];

/** The longest, which `npm test` leaves to `npm test -- long`: what builds everything anew, whole days, hours of a fleet. */
const long = [
  ...['native-sanitizers', 'native-accuracy'].map((name) => `test/conformance/${name}.test.ts`),
  'test/hostile/damaged-controller.test.ts',
  'test/integration/engine-recovery.test.ts',
  'test/integration/rabbitmq-cluster.test.ts',
  'test/integration/recovery/recover.test.ts',
  'test/unit/agent/drift/bytes-of-a-day.test.ts',
  'test/unit/drift/day.test.ts',
  ...['killed-deployment', 'chaos', 'registry-engines'].map(
    (name) => `test/integration/fleet/${name}.test.ts`,
  ),
];

/**
 * Rooms whose tests start no process and change no global: their files share a worker and what it has loaded, which saves two thirds
 * of their CPU (149 files: 192 s alone, 61 s together). A few write files or a database, each in a folder of its own. A file
 * that leaves a global changed breaks its neighbours here.
 */
const pure = [
  ...['api', 'base', 'controller', 'drift', 'image', 'model', 'optimize', 'perception'],
  ...['protocol', 'ros2', 'sbom', 'serving', 'simulation', 'streams', 'telemetry', 'trust'],
].map((room) => `test/unit/${room}/**/*.test.ts`);

/** These share a worker too, and are too many for `npm run test:unit`. */
const shared = ['agent', 'dashboard', 'runtime'].map((room) => `test/unit/${room}/**/*.test.ts`);

/** Installs what npm packs, with its packages from the registry: `npm test -- npm`. */
const npm = ['test/integration/npm-package.test.ts'];

/** Types the lines of the pages, some of which run models: `npm test -- pages`. */
const pages = ['test/integration/pages/pages.test.ts'];

/** From a camera to the controller over a broker, as programs. */
const mainPath = ['controller', 'demo', 'run', 'fleet/fleet'].map(
  (name) => `test/integration/${name}.test.ts`,
);

/** Types a session of an operator at a lab of a controller and three devices. */
const session = ['test/docs/operating.test.ts'];

/** Needs middleware of ROS 2, which `npm test` does not install. */
const middleware = ['foreign-middleware', 'ros-node', 'ros-node-leaves', 'ros-releases', 'safety-check'].map(
  (name) => `test/contract/${name}.test.ts`,
);

/** Directly in `test`. */
const top = ['test/*.test.ts'];

const files = (...folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

const fastCheck = resolve(import.meta.dirname, 'test/setup/fast-check.ts');

export default defineConfig({
  plugins: [
    {
      name: 'fast-check with a seed',
      enforce: 'pre',
      resolveId: (id, importer) => (id === 'fast-check' && importer !== fastCheck ? fastCheck : undefined),
    },
  ],
  test: {
    // ONNX Runtime's npm binaries send usage data unless told not to; the product says so too, in src/cli/main.ts.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Nets, not measures: at a load of thirty a program needs a minute to start.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Removes what is left in temporary folders and shared memory.
    globalSetup: 'test/setup/run-folder.ts',
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: [
            ...files('architecture', 'bench', 'contract', 'docs', 'setup', 'tables', 'unit'),
            ...top,
            ...mainPath,
          ],
          exclude: [...pure, ...shared, ...middleware, ...session, ...long],
          // Integration tests start brokers, workers and browsers; on two cores more files at once only slows each down.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: [
            ...files('browser', 'conformance', 'hardware', 'hostile', 'image', 'integration', 'package'),
            ...middleware,
            ...session,
          ],
          exclude: [...mainPath, ...alone, ...long, ...npm, ...pages],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'pure',
          include: pure,
          exclude: long,
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'shared',
          include: shared,
          exclude: long,
          isolate: false,
          // A file that leaves a variable or a spy behind breaks no neighbour.
          unstubEnvs: true,
          restoreMocks: true,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'long', include: long, maxWorkers: 2, sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        test: { name: 'npm', include: npm, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
      {
        extends: true,
        test: { name: 'pages', include: pages, maxWorkers: 1, sequence: { groupOrder: 4 } },
      },
    ],
  },
});
