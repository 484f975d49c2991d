import type { TSchema } from '@sinclair/typebox';
import { alertSettings } from './alert-channels.ts';
import { describeSettings } from './describe.ts';

/** Settings that belong together: a chapter of docs/settings.md and of `--print-settings`. */
export interface Chapter {
  readonly title: string;
  /** Beginnings of paths; the longest that fits wins. */
  readonly paths: readonly string[];
  /** The few that people change first. */
  readonly first: readonly string[];
}

export const agentChapters: readonly Chapter[] = [
  {
    title: 'The device',
    paths: ['device', 'groups', 'dataDir'],
    first: ['device', 'groups', 'dataDir'],
  },
  {
    title: 'Connection to the fleet',
    paths: ['broker', 'enrolment', 'outboxBytes', 'metricsEverySeconds', 'budget.bytesPerDay'],
    first: ['broker.url', 'enrolment.claimFile', 'metricsEverySeconds', 'budget.bytesPerDay'],
  },
  {
    title: 'Models and engine',
    paths: [
      ...['model', 'models', 'engine', 'variant', 'threads', 'parallel', 'maxBatch', 'maxWaitMs', 'isolate'],
      ...['lockMemory', 'decoderModules', 'gpuLetterbox', 'dlaCore', 'answerTimeoutSeconds', 'ladder'],
    ],
    first: ['model', 'engine', 'threads'],
  },
  {
    title: 'Cameras',
    paths: ['cameras', 'stallSeconds', 'failingSeconds'],
    first: [
      ...[
        'source',
        'passwordFile',
        'targetFps',
        'publish',
        'settings.scoreThreshold',
        'settings.classes',
      ].map((name) => `cameras.<name>.${name}`),
    ],
  },
  {
    title: 'Zones and lines',
    paths: ['cameras.<name>.settings.rules'],
    first: [
      'cameras.<name>.settings.rules.zones.<name>.points',
      'cameras.<name>.settings.rules.lines.<name>.points',
    ],
  },
  {
    title: 'Privacy',
    paths: ['privacy', 'cameras.<name>.privacy', 'statistics'],
    first: ['privacy.viewer', 'privacy.frames', 'privacy.masks'],
  },
  {
    title: 'Clips',
    paths: ['cameras.<name>.clips'],
    first: ['cameras.<name>.clips.on', 'cameras.<name>.clips.days', 'cameras.<name>.clips.maxBytes'],
  },
  {
    title: 'Drift',
    paths: ['drift', 'cameras.<name>.settings.drift', 'cameras.<name>.profile'],
    first: ['cameras.<name>.settings.drift.watch', 'cameras.<name>.settings.drift.frames.keep'],
  },
  {
    title: 'ROS 2',
    paths: ['ros'],
    first: ['ros.node', 'ros.adapter', 'ros.qos'],
  },
  {
    title: 'Results as streams',
    paths: ['streams'],
    first: ['streams.<name>.mqtt.url', 'streams.<name>.webhook.url', 'streams.<name>.websocket.port'],
  },
  {
    title: 'Inference by request',
    paths: ['inference'],
    first: ['inference.http.port', 'inference.http.tokenFile'],
  },
  {
    title: 'Downloads',
    paths: ['artifacts'],
    first: ['artifacts.bytesPerSecond', 'artifacts.windows', 'artifacts.notOver', 'artifacts.peers'],
  },
  {
    title: 'Signatures and updates',
    paths: ['trust', 'updates', 'probationSeconds'],
    first: ['trust.mode', 'updates.lockFile'],
  },
  {
    title: 'Remote commands',
    paths: ['remote'],
    first: ['remote.restart', 'remote.cameras'],
  },
  {
    title: 'Metrics and cost',
    paths: ['prometheus', 'telemetry', 'budget'],
    first: ['prometheus.port', 'telemetry.otlp.url', 'budget.perGbSent'],
  },
];

export const controllerChapters: readonly Chapter[] = [
  { title: 'Data', paths: ['dataDir', 'database', 'retention'], first: ['dataDir', 'retention.rawHours'] },
  { title: 'Roles', paths: ['roles', 'ingest', 'kubernetes'], first: ['roles', 'ingest.client'] },
  { title: 'Broker', paths: ['broker'], first: ['broker.url', 'broker.servers', 'broker.caFile'] },
  { title: 'HTTP and dashboard', paths: ['http'], first: ['http.port', 'http.certFile', 'http.publicUrl'] },
  { title: 'Enrolment', paths: ['devices'], first: ['devices.names', 'devices.brokerUrl'] },
  {
    title: 'People',
    paths: ['people'],
    first: ['people.issuer', 'people.clientId', 'people.roles.operator'],
  },
  { title: 'Telemetry', paths: ['telemetry'], first: ['telemetry.otlp.url'] },
  { title: 'Models', paths: ['registry', 'trust'], first: ['trust.mode', 'registry.s3.endpoint'] },
  {
    title: 'Alerts',
    paths: ['drift', ...Object.keys(alertSettings)],
    first: ['webhooks.allow', 'mail.host', 'mail.from'],
  },
  { title: 'Limits', paths: ['quotas'], first: ['quotas.messagesPerMinute', 'quotas.requestsPerToken'] },
];

export interface DescribedChapter {
  readonly title: string;
  readonly first: readonly string[];
  /** As `describeSettings` gives them. */
  readonly lines: readonly string[];
}

/** Every setting of a schema in its chapter; what no chapter names is in the last one, `Other`. */
export function describeChapters(schema: TSchema, chapters: readonly Chapter[]): DescribedChapter[] {
  const lines = describeSettings(schema);
  const titleOf = (line: string) => chapterOf(line.slice(0, line.indexOf(': ')), chapters)?.title;
  const known = chapters.map(({ title, first }) => ({
    title,
    first,
    lines: lines.filter((line) => titleOf(line) === title),
  }));
  const other = lines.filter((line) => titleOf(line) === undefined);
  return other.length === 0 ? known : [...known, { title: 'Other', first: [], lines: other }];
}

function chapterOf(path: string, chapters: readonly Chapter[]): Chapter | undefined {
  const fitting = chapters
    .flatMap((chapter) => chapter.paths.map((start) => ({ chapter, start })))
    .filter(({ start }) => path === start || path.startsWith(`${start}.`));
  return fitting.sort((a, b) => b.start.length - a.start.length)[0]?.chapter;
}
