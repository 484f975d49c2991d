import type { TSchema } from '@sinclair/typebox';
import { AgentSettings } from './agent.ts';
import { agentChapters, type Chapter, controllerChapters, describeChapters } from './chapters.ts';
import { ControllerSettings } from './controller.ts';
import { liveAgentSettings, liveControllerSettings } from './reload.ts';

const head = `# Settings

Made from the code: \`node --import tsx src/runtime/settings/print-reference.ts > docs/settings.md\`. You get the same
lists from \`goshawk agent --print-settings\` and \`goshawk controller --print-settings\`.

Write settings as YAML or JSON; examples are in \`deploy/systemd\`. For completion in your editor, name the JSON Schema
in the file: \`"$schema": "./agent.schema.json"\`. \`--print-schema\` prints it. Each chapter begins with the settings
that you change first.

## Check a file

\`goshawk agent --config FILE --check\` (and \`controller\`) reports every mistake in the file and in the files that it
names (certificates, keys, tokens, passwords, bundles, profiles), and exits with 3. \`updates.lockFile\` and a claim may
be absent. Run the check as the user of the service.

If an agent's settings are right, \`--check\` tries them: it opens each camera until its first picture, loads each model
with its engine (without building a TensorRT plan), sends itself a ROS 2 message in a separate domain, and connects to
the broker. It exits with 0 if all of it works, otherwise with the [status](cli.md) of the first part that failed. An
unreachable broker, and a V4L2 camera that the running agent uses, are no failures.

## Variables

Every setting can come from the environment, and a variable overrides the file. Without \`--config\`, all settings come
from the environment. The name is \`GOSHAWK_\` and the path in upper case, with \`_\` for each dot, before each capital,
and for each character that is no letter or digit: \`broker.caFile\` is \`GOSHAWK_BROKER_CA_FILE\`, and \`fps\` of a camera
\`front-left\` in the file is \`GOSHAWK_CAMERAS_FRONT_LEFT_FPS\`. Write strings unquoted and all other values as JSON:
\`GOSHAWK_THREADS=2\`, \`GOSHAWK_GROUPS='["trucks"]'\`. A section as JSON replaces the whole section (\`GOSHAWK_CAMERAS\`),
and a variable of one setting overrides that. An empty variable counts as not set.

## Reload

\`systemctl reload goshawk-agent\` (and \`goshawk-controller\`) sends SIGHUP, and the program reads its file again. If the
file is wrong, the program keeps its settings and logs every mistake. These settings take effect at once:
`;

const tail = `
The log names all other changes; they need a restart, as does a new camera. Settings that the fleet has set for a camera
still override its settings in the file, and variables still override the file.`;

/** docs/settings.md, made from the schemas that check the files. */
export function settingsReference(): string {
  return [
    head,
    ...liveAgentSettings.map((path) => `- agent: \`${path.replaceAll('*', '<name>')}\``),
    ...liveControllerSettings.map((path) => `- controller: \`${path.replaceAll('*', '<name>')}\``),
    tail,
    ...part('Agent', AgentSettings, agentChapters),
    ...part('Controller', ControllerSettings, controllerChapters),
    '',
  ].join('\n');
}

function part(title: string, schema: TSchema, chapters: readonly Chapter[]): string[] {
  const described = describeChapters(schema, chapters);
  return ['', `## ${title}`, ...described.flatMap(({ title, lines, first }) => section(title, lines, first))];
}

/** Those that people change first are in bold, and before the others. */
function section(title: string, lines: readonly string[], first: readonly string[]): string[] {
  const isFirst = (line: string) => first.includes(line.slice(0, line.indexOf(': ')));
  return [
    '',
    `### ${title}`,
    '',
    ...lines.filter(isFirst).map((line) => asItem(line, '**')),
    ...lines.filter((line) => !isFirst(line)).map((line) => asItem(line)),
  ];
}

function asItem(line: string, mark = ''): string {
  const [path = '', ...rest] = line.split(': ');
  return wrapped(`- ${mark}\`${path}\`${mark}: ${rest.join(': ')}`);
}

/** An item of a list in lines of at most 116 characters, where its words are shorter. */
function wrapped(item: string): string {
  const lines = [''];
  for (const word of item.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > 116) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
