import { AgentSettings } from './agent.ts';
import { ControllerSettings } from './controller.ts';
import { describeSettings } from './describe.ts';

/** docs/settings.md, made from the schemas that check the files. */
export function settingsReference(): string {
  return [
    '# Settings',
    '',
    'Made from the code: `node --import tsx src/runtime/settings/print-reference.ts > docs/settings.md`. The same lists come from',
    '`goshawk agent --print-settings` and `goshawk controller --print-settings`. Files are JSON; examples stand in',
    '`deploy/systemd`. Every setting needs a restart, except what the fleet sets: the model, and the settings of the',
    'pipelines.',
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
