/** A line that is not typed in this test: how it begins, and why. Page `*`: wherever it is. */
export interface Excepted {
  readonly page: string;
  readonly begins: string;
  readonly why: string;
}

export const excepted: readonly Excepted[] = [
  { page: '*', begins: 'goshawk native build', why: 'compiles for minutes; `npm test -- package` has it' },
  { page: '*', begins: 'goshawk selftest', why: 'tries the machine for minutes; `npm test -- image` has it' },
  { page: '*', begins: 'goshawk image ', why: 'makes a disk image for an hour; `npm test -- image` has it' },
  {
    page: '*',
    begins: 'goshawk run --model bundle/ --source ros:',
    why: 'a graph of ROS 2; test/contract has it',
  },
  {
    page: 'ros2-depth',
    begins: 'goshawk run',
    why: 'a depth camera in a graph of ROS 2; test/integration/depth.test.ts',
  },
  { page: 'ros2-bridge', begins: 'goshawk robot call', why: 'a robot; test/contract has it' },
  { page: 'tutorial', begins: 'goshawk ', why: 'test/integration/tutorial.test.ts types the whole page' },
  {
    page: 'device-keys',
    begins: 'goshawk controller ca init',
    why: 'a token of PKCS #11; keys-in-token.test.ts',
  },
  {
    page: 'controller-database',
    begins: 'goshawk controller migrate',
    why: 'PostgreSQL; controller-postgres.test.ts',
  },
  { page: 'packages', begins: 'echo "deb', why: 'root; test/integration/apt-repository.test.ts has it' },
  { page: 'profiles', begins: 'goshawk model profile bundle/ --source ros:', why: 'four hours of a camera' },
  { page: 'fleet-counts', begins: 'goshawk fleet sum', why: 'five devices and full hours of the clock' },
  {
    page: 'cameras',
    begins: 'goshawk run --model bundle/ --source run_0.mcap',
    why: 'a recording of a robot',
  },
  {
    page: 'registry',
    begins: 'goshawk controller --config',
    why: 'a store of S3; swift-store.test.ts has it',
  },
  { page: 'updates', begins: 'cat /var/lib', why: 'a device with the Debian package' },
  { page: 'updates', begins: 'goshawk rollout create agent-0.2', why: 'devices with the Debian package' },
  { page: 'updates', begins: 'goshawk model deploy --device cam-7 --slot agent', why: 'the same' },
  {
    page: 'rollouts',
    begins: 'goshawk rollout promote',
    why: 'one of several ways to steer: only for a rollout that waits',
  },
  { page: 'experiments', begins: 'goshawk rollout promote', why: 'the same' },
  { page: 'trust', begins: 'goshawk audit verify', why: 'timestamps of two months' },
  {
    page: 'quick-starts',
    begins: 'goshawk enrol',
    why: 'an installed agent; `npm test -- package --printed` has it',
  },
  {
    page: 'keys',
    begins: 'goshawk keys rehearse',
    why: 'seven disasters of a fleet, for minutes; test/hostile/rehearsal.test.ts has it',
  },
  ...['model-ci', 'updates'].map((page) => ({
    page,
    begins: 'goshawk keys publish',
    why: 'a controller has one root, and that of the lab gets it from the page trust',
  })),
  {
    page: 'http-api',
    begins: 'api $URL/api/v1/drift/incidents/ID',
    why: 'an incident takes minutes of another scene; test/unit/adapters/fastify/watch.test.ts has one',
  },
];
