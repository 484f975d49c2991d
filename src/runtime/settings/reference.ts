import { AgentSettings } from './agent.ts';
import { ControllerSettings } from './controller.ts';
import { describeSettings } from './describe.ts';
import { liveAgentSettings, liveControllerSettings } from './reload.ts';

/** docs/settings.md, made from the schemas that check the files. */
export function settingsReference(): string {
  return [
    '# Settings',
    '',
    'Made from the code: `node --import tsx src/runtime/settings/print-reference.ts > docs/settings.md`. The same lists come from',
    '`goshawk agent --print-settings` and `goshawk controller --print-settings`. Files are YAML or JSON; examples are in',
    '`deploy/systemd`. Every setting needs a restart, except what the fleet sets (the model, and the settings of the',
    'pipelines), and what takes effect at a reload.',
    '',
    '`goshawk agent --config FILE --check` (and `controller`) names every mistake in the file and in the files that it',
    'names (certificates, keys, tokens, passwords, bundles, profiles), and ends with 3. A file that may be absent is no',
    'mistake: `updates.lockFile`, and a claim that comes later. Run it as the user of the service.',
    '',
    'Where the settings of an agent are right, `--check` opens what they name for a moment: each camera until its first',
    'picture, each model with its engine (no TensorRT plan is built), ROS 2 by a message to itself in a domain of its',
    'own, and a connection to the broker. It ends with 0 if all of it works; otherwise with 3, 4, 5, 6 or 1, the first of',
    'these that a part failed with ([cli.md](cli.md)). A broker that is away, or a V4L2 camera that the running agent',
    'uses, is no failure. Each remedy is one for the place: a package manager, or another container or board image.',
    '',
    'An editor checks while you type: `"$schema": "./agent.schema.json"` in the file names a JSON Schema, which',
    '`--print-schema` prints and `deploy/systemd` holds.',
    '',
    'Every setting can also come from the environment, which goes before the file. The name of the variable is',
    '`GOSHAWK_` and the path in upper case, with `_` for each dot, for each change to a capital, and for what is no letter',
    'or digit: `broker.caFile` is `GOSHAWK_BROKER_CA_FILE`, and `fps` of the camera `front-left` that the file names is',
    '`GOSHAWK_CAMERAS_FRONT_LEFT_FPS`. Write strings unquoted and all other values as JSON: `GOSHAWK_THREADS=2`,',
    '`GOSHAWK_GROUPS=\'["trucks"]\'`. A section as JSON replaces the whole section (`GOSHAWK_CAMERAS`), and a variable of',
    'one setting goes before that. An empty variable is not set.',
    '',
    '## Reload',
    '',
    '`systemctl reload goshawk-agent` (and `goshawk-controller`) sends SIGHUP, and the program reads its file again. A file',
    'that is wrong changes nothing, and every mistake is in the log. These take effect at once; changes of all others are',
    'named in the log, and wait for a restart:',
    '',
    ...liveAgentSettings.map((path) => `- agent: \`${path.replaceAll('*', '<name>')}\``),
    ...liveControllerSettings.map((path) => `- controller: \`${path.replaceAll('*', '<name>')}\``),
    '',
    'What the fleet wants of a camera stays above its settings in the file. The variables of the environment are those that',
    'the program was started with, and still go before the file. A camera that is new in the file waits for a restart. An',
    'agent or controller that was started by hand does not end with its terminal.',
    '',
    '## Agent',
    '',
    ...describeSettings(AgentSettings).map(asItem),
    '',
    '## Controller',
    '',
    ...describeSettings(ControllerSettings).map(asItem),
    '',
  ].join('\n');
}

function asItem(line: string): string {
  const [path = '', ...rest] = line.split(': ');
  return `- \`${path}\`: ${rest.join(': ')}`;
}
