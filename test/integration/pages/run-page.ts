import { join } from 'node:path';
import { excepted } from './excepted.ts';
import { Kit } from './kit.ts';
import type { Lab } from './lab.ts';
import { pages } from './pages.ts';
import type { PageSetUp } from './set-up.ts';
import { apiNames, statedStatus, type, typedPages } from './typed.ts';

export interface Typed {
  readonly line: number;
  /** What was typed in fact, with the names of the lab in it. */
  readonly command: string;
  readonly said: string;
  readonly wanted: number;
  readonly code: number | null;
  readonly seconds: number;
}

/** `...`: a part of a line, whose rest the page shows elsewhere. */
export const isTyped = (page: string, typed: string): boolean =>
  !typed.includes(' ...') &&
  !excepted.some((one) => (one.page === '*' || one.page === page) && typed.startsWith(one.begins));

/** What the table has for a line, by how it begins. */
function forLine<T>(table: Readonly<Record<string, T>> | undefined, typed: string): T | undefined {
  return Object.entries(table ?? {}).find(([begins]) => typed.startsWith(begins))?.[1];
}

/** Types the lines of a page in their order; gives each when it is over. */
export async function* runPage(page: string, lab: Lab): AsyncGenerator<Typed> {
  const setUp: PageSetUp = pages[page] ?? {};
  const lines = (typedPages.get(page) ?? []).filter(({ typed }) => isTyped(page, typed));
  if (lines.length === 0) return;
  const kit = new Kit(join(lab.folder, 'pages', page));
  kit.copy(lab.tokenFile, 'build/tutorial/fleet/controller/admin.token');
  await setUp.prepare?.(kit, lab);
  const environment = setUp.environment?.(lab) ?? lab.environment;
  const names: string[] = [];
  for (const { line, typed, kind } of lines) {
    if (kind === 'name') {
      names.push(typed);
      continue;
    }
    await forLine(setUp.before, typed)?.(kit, lab);
    const before =
      kind === 'goshawk' ? [] : typed.startsWith('api ') && names.length === 0 ? apiNames : names;
    const whole = await Promise.all([...before, typed].map((one) => inTheLab(one, setUp, kit, lab)));
    const command = whole.join('\n');
    const startedMs = performance.now();
    const { code, stdout, stderr } = await type(
      command,
      { folder: kit.folder, environment, asked: forLine(setUp.asked, typed)?.(lab) },
      forLine(setUp.until, typed),
    );
    yield {
      ...{ line, command, code, said: `${stdout}${stderr}` },
      wanted: forLine(setUp.status, typed) ?? statedStatus(typed),
      seconds: (performance.now() - startedMs) / 1000,
    };
  }
  await setUp.after?.(kit, lab);
}

/** Addresses and folders of the page become those of the lab, and what the page calls ID becomes one. */
async function inTheLab(typed: string, setUp: PageSetUp, kit: Kit, lab: Lab): Promise<string> {
  let command = typed
    .replace(/http:\/\/127\.0\.0\.1:8080|https:\/\/fleet\.example/, lab.url)
    .replace('rtsp://10.0.0.5/stream1', lab.cameraUrl)
    .replaceAll(/(?<=[\s=])\/(?=(?:etc|media|var|backup|tmp|usr)\/)/g, `${kit.folder}/`);
  for (const [text, instead] of Object.entries(setUp.instead ?? {}))
    if (command.includes(text))
      command = command.replace(text, typeof instead === 'string' ? instead : await instead(lab, kit));
  return command;
}
