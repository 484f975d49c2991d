/* A person at a terminal: types the lines that a page prints, as ann, who may use sudo. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { environment, expect, must, packages, skip, step } from './kit.mjs';

const limitMs = 12 * 60_000;

/** The lines that the host took from the pages. */
export const printed = existsSync(`${packages}/printed.json`)
  ? JSON.parse(readFileSync(`${packages}/printed.json`, 'utf8'))
  : { sections: [], setUp: [], settings: '' };

/** What a table has for a line, by how it begins. */
const forLine = (table, typed) =>
  Object.entries(table ?? {}).find(([begins]) => typed.startsWith(begins))?.[1] ?? {};

/** Folder and variables last from one line to the next, as in a terminal. */
const session = (user) => (user === 'root' ? '/root/.session' : `/home/${user}/.session`);

/** Types a line; gives its exit status and what it said. `until`: what it says when it works, then it gets Ctrl+C. */
export function type(typed, { user = 'ann', asked, until } = {}) {
  const file = session(user);
  const script = [
    `cd; if [ -e ${file} ]; then . ${file}; fi; set -e`,
    typed,
    // `set -e` passes over the first half of `a && b`.
    'status=$?',
    `{ export -p; echo "cd '$PWD'"; } >${file}`,
    'exit $status',
  ].join('\n');
  writeFileSync('/tmp/typed', script, { mode: 0o755 });
  const shell =
    asked === undefined ? ['bash', '/tmp/typed'] : ['script', '-qefc', 'bash /tmp/typed', '/dev/null'];
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const env = { ...environment, ...printed.environment, HOME: home, USER: user, TERM: 'dumb' };
  return new Promise((resolve) => {
    const child = spawn('runuser', ['-u', user, '--', ...shell], {
      env,
      // A group of its own, so that Ctrl+C reaches the program as it does in a terminal.
      detached: true,
      stdio: [asked === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let text = '';
    let interrupted = false;
    let answered = false;
    const interrupt = (signal) => {
      interrupted = true;
      process.kill(-child.pid, signal);
    };
    const limit = setTimeout(() => interrupt('SIGKILL'), limitMs);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece) => {
        text += piece;
        // A question ends with a colon.
        if (asked !== undefined && !answered && /: ?$/.test(piece)) {
          answered = true;
          child.stdin.write(`${asked}\n`);
        }
        if (until !== undefined && !interrupted && until.test(text)) interrupt('SIGINT');
      });
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code, text, worked: until === undefined || until.test(text) });
    });
  });
}

/** Types a section of a page, a step for each line. What the page leaves to its reader is in `table`, by how a line begins. */
export async function typeSection({ heading, lines }, table) {
  for (const { page, line, typed, leftOut, writes } of lines) {
    const name = `${page}.md:${line}: ${typed}`;
    if (leftOut !== undefined) {
      skip(name, leftOut);
      continue;
    }
    const set = forLine(table, typed);
    await step(`${heading}: ${name}`, async () => {
      await set.before?.();
      if (writes !== undefined) {
        writeFileSync(writes.file, set.text?.(writes.text) ?? writes.text);
        return;
      }
      const asked = typeof set.asked === 'function' ? set.asked() : set.asked;
      const { code, text, worked } = await type(set.instead?.(typed) ?? typed, { ...set, asked });
      expect(worked, `it did not say ${set.until}: ${code}: ${text.slice(-1_500)}`);
      if (set.until === undefined) expect(code === (set.status ?? 0), `${code}: ${text.slice(-1_500)}`);
      await set.after?.(text);
    });
  }
}

/** A reader of the pages, with an account of her own and a home without anything. */
export function makeReader(name) {
  must(`useradd --create-home --shell /bin/bash ${name}`);
  must(`echo '${name} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${name}`);
}
