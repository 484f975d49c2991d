import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../integration/goshawk.ts';
import { type ErrorSite, errorSites } from './error-codes.ts';

/** What `docs/errors.md` says of each folder, in this order. A new folder with codes has to be given a title. */
const chapters: readonly (readonly [title: string, rooms: RegExp])[] = [
  [
    'Command line and settings',
    /^src\/(cli|base|adapters\/yaml|workbench\/(run|keys)|runtime\/(settings|fleet|demo|selftest|doctor|trials|preflight))/,
  ],
  [
    'Frames and pictures',
    /^(src\/(perception|simulation|adapters\/(ffmpeg|mjpeg|onvif|replay|rosbag|sharp|street)|runtime\/sources)|device\/(gstreamer|v4l2))/,
  ],
  [
    'Models, bundles and engines',
    /^(src\/(model|platform|agent\/engines|adapters\/(decoder-module|filesystem|onnxruntime)|runtime\/engines|workbench(\/(import|evaluate|encrypt|budget|golden|pictures|artifact)|$))|device|native)/,
  ],
  ['Optimizing a model', /^src\/(optimize|adapters\/graph-runner|workbench\/optimize)/],
  ['Drift', /^src\/(drift|adapters\/learning|workbench\/profile)/],
  [
    'Enrolment',
    /^src\/((agent|controller)\/enrolment|adapters\/(est|pkcs11|tpm2|x509)|runtime(\/(enrolment|rehearsal)|$))/,
  ],
  [
    'Device agent, outbox and downloads',
    /^src\/(agent(?!\/software)|runtime\/(device|support)|telemetry|adapters\/(outbox|system|safety|downloads|peers|sealing|zstd|prometheus|opentelemetry|pino|crypto))/,
  ],
  ['Updates of the agent', /^src\/(workbench\/release|runtime\/release|agent\/software|adapters\/updater)/],
  ['Images of boards', /^src\/(image|sbom|workbench\/image|runtime\/image)/],
  ['Broker and protocol', /^src\/(protocol|trust|runtime\/broker|adapters\/(mqttjs|aedes|oci))/],
  ['ROS 2', /^src\/(ros2|adapters\/ros2|runtime\/ros)/],
  ['Streams of results', /^src\/(streams|runtime\/streams|adapters\/(websocket|foxglove))/],
  ['Requests with a picture', /^src\/(serving|runtime\/inference|adapters\/(grpc|inference-http))/],
  [
    'Controller and its HTTP API',
    /^src\/(api|controller|runtime\/controller|dashboard|adapters\/(sqlite|postgres|fastify|artifacts|oidc|s3|webhooks|nodemailer))/,
  ],
];

/** Made where no site of the source shows it as a literal. */
const byHand: readonly ErrorSite[] = [
  {
    code: 'cancelled',
    family: 'CancelledError',
    message: '… was cancelled.',
    remedy: 'Run it again when you want it.',
    room: 'src/base',
  },
  {
    code: 'failed',
    family: 'cause',
    message: undefined,
    remedy: 'Run it again with --debug for details.',
    room: 'src/cli',
  },
];

const kinds: Readonly<Record<string, string>> = {
  InputError: 'input',
  MissingError: 'missing',
  RefusedError: 'refused',
  LimitError: 'limit',
  InternalError: 'defect',
  CancelledError: 'cancelled',
  GoshawkError: 'failed',
  cause: 'failed',
};

const head = `# Error codes

Every failure that you can meet has a stable code, a message that names the cause, and a remedy. The command line
prints message and remedy (\`--json\`: all three), the HTTP API answers with them, events and logs carry them. This page
is made from the source by \`npx vitest run test/docs -u\`; the same test fails if they differ. An ellipsis replaces a
value; "its cause" means that the words of the cause follow.

The kind is also the exit status of the command line: **input** (3) an input is wrong; **missing** (4) a file, device
or other thing does not exist; **refused** (5) permission or state forbids it; **limit** (6) size, time, disk or memory
is exhausted; **failed** (1) an attempt failed; **cancelled** (130); **defect** (70) of Goshawk: please report it.
`;

const sites = [...byHand, ...errorSites(projectRoot)];

function chapterOf({ room }: ErrorSite): string {
  const found = chapters.find(([, rooms]) => rooms.test(room));
  if (found === undefined) throw new Error(`No chapter of docs/errors.md for ${room}`);
  return found[0];
}

const cell = (texts: readonly string[]) =>
  [...new Set(texts.filter((text) => text !== ''))]
    .join('<br>')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ') || '-';

function page(): string {
  const parts = chapters.flatMap(([title]) => {
    const here = sites.filter((site) => chapterOf(site) === title);
    const codes = [...new Set(here.map(({ code }) => code))].sort();
    const rows = codes.map((code) => {
      const same = here.filter((site) => site.code === code);
      const kind = cell(same.map(({ family }) => kinds[family] ?? family));
      const says = cell(same.map(({ message }) => message ?? '(its cause)'));
      return `| \`${code}\` | ${kind} | ${says} | ${cell(same.map(({ remedy }) => remedy))} |`;
    });
    return codes.length === 0
      ? []
      : [
          `## ${title}`,
          ['| code | kind | what it says | what to do |', '|---|---|---|---|', ...rows].join('\n'),
        ];
  });
  return [head, ...parts]
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .concat('\n');
}

describe('docs/errors.md', () => {
  it('has every code of the source with its meaning and remedy, and no other', async () => {
    expect(sites.length).toBeGreaterThan(150);
    await expect(page()).toMatchFileSnapshot(join(projectRoot, 'docs/errors.md'));
  });

  it('has a remedy for everything that a person can do something about', () => {
    const without = sites.filter(
      ({ remedy, family }) => remedy === '' && !['InternalError', 'cause'].includes(family),
    );
    expect(without.map(({ code }) => code)).toEqual([]);
  });
});
