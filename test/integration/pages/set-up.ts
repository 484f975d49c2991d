import { eventually } from '../fleet/program.ts';
import type { Kit } from './kit.ts';
import type { Lab } from './lab.ts';

export interface PageSetUp {
  /** Makes what the reader has before the first line. */
  readonly prepare?: (kit: Kit, lab: Lab) => void | Promise<void>;
  readonly environment?: (lab: Lab) => NodeJS.ProcessEnv;
  /** By how a line begins: what the words before it ask for, or wait for. */
  readonly before?: Readonly<Record<string, (kit: Kit, lab: Lab) => unknown>>;
  /** What is typed in place of a text of the page: what it calls ID, and addresses of others. */
  readonly instead?: Readonly<Record<string, string | ((lab: Lab, kit: Kit) => string | Promise<string>)>>;
  /** By how a line begins: what it says when it works; then it is ended by Ctrl+C. */
  readonly until?: Readonly<Record<string, RegExp>>;
  /** By how a line begins: the answers to what it asks for. */
  readonly asked?: Readonly<Record<string, (lab: Lab) => string>>;
  /** By how a line begins: the exit status that the words of the page state. */
  readonly status?: Readonly<Record<string, number>>;
  /** Waits for what the last line began, so that the next page finds it over. */
  readonly after?: (kit: Kit, lab: Lab) => Promise<void>;
}

/** The id of the first entry of a list. */
export const firstOf =
  (...args: readonly string[]) =>
  async (lab: Lab): Promise<string> => {
    const said = await lab.goshawk(...args, '--json');
    const id = /"(?:id|frame|clip)":"([^"]+)"/.exec(said)?.[1];
    if (id === undefined) throw new Error(`goshawk ${args.join(' ')} lists nothing: ${said}`);
    return id;
  };

/** A rule that every device breaks; gives when an alert of it is active. */
export async function activeAlert(_kit: Kit, lab: Lab): Promise<void> {
  const rule = {
    ...{ name: 'slow', severity: 'warning', forSeconds: 0, renotifyMinutes: 240 },
    when: { kind: 'metric', name: 'goshawk_capture_to_publish_seconds', statistic: 'p99', above: 0 },
    ...{ scope: { groups: [], devices: [] } },
  };
  const answer = await fetch(`${lab.url}/api/v1/alert-rules`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(rule),
  });
  if (!answer.ok) throw new Error(await answer.text());
  await eventually('an alert is active', async () =>
    (await lab.goshawk('alert', 'list', '--json')).includes('"id"'),
  );
}
