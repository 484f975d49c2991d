import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../architecture/project.ts';

const folder = join(projectRoot, 'docs/decisions');
const records = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .sort()
  .map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const [, title = '', area = '', commit = ''] =
      /^# (.+)\n\nArea: ([^.]+)\. Commit: `([0-9a-f]{7,40})`\.\n/.exec(text) ?? [];
    return { file, text, title, area, commit };
  });

const head = `# Decisions

Why things are as they are: one short record for each decision that somebody might otherwise undo, with what was tried
and measured. Records are not rewritten when a decision changes: a new one names the old, and the old one says so.
A new record takes the next number and the form of the others; \`npx vitest run test/docs -u\` makes this index.
`;

/** By area, in the order in which areas first come. */
function index(): string {
  const areas = [...new Set(records.map(({ area }) => area))];
  const chapters = areas.map((area) => {
    const lines = records
      .filter((record) => record.area === area)
      .map(({ file, title }) => `- [${file.slice(0, 4)}](${file}) ${title}`);
    return `## ${area.charAt(0).toUpperCase()}${area.slice(1)}\n\n${lines.join('\n')}\n`;
  });
  return [head, ...chapters].join('\n');
}

/** False where the sources came without their history, e.g. as an archive. */
function hasHistory(): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${records[0]?.commit}^{commit}`], {
      cwd: projectRoot,
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

describe('docs/decisions', () => {
  it('are numbered without a gap', () => {
    expect(records.length).toBeGreaterThanOrEqual(25);
    expect(records.map(({ file }) => Number(file.slice(0, 4)))).toEqual(records.map((_, at) => at + 1));
  });

  it.each(records)(
    '$file says area, commit, context, decision, consequences and what was tried, in a few lines',
    ({ text, title }) => {
      expect(title).not.toBe('');
      const parts = [...text.matchAll(/^\*\*([^*]+)\.\*\* /gm)].map(([, part]) => part);
      expect(parts).toEqual(['Context', 'Decision', 'Consequences', 'Tried and measured']);
      expect(text.split('\n').length).toBeLessThanOrEqual(26);
    },
  );

  it('are all in the index', async () => {
    await expect(index()).toMatchFileSnapshot(join(folder, 'README.md'));
  });

  it.skipIf(!hasHistory())(
    'name commits that there are (skipped where the sources came without their history)',
    () => {
      const named = records.flatMap(({ file, text }) =>
        [...text.matchAll(/(?<![\w-])(?=[a-f]*\d)[0-9a-f]{7}(?![\w-])/g)].map(([commit]) => ({
          file,
          commit,
        })),
      );
      expect(named.length).toBeGreaterThanOrEqual(records.length);
      const missing = named.filter(({ commit }) => {
        try {
          execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], {
            cwd: projectRoot,
            stdio: 'ignore',
          });
          return false;
        } catch {
          return true;
        }
      });
      expect(missing).toEqual([]);
    },
  );
});
