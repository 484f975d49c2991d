/* Releases of the agent that are bad, each in its way, made of a package that is good. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const main = 'usr/lib/goshawk-agent/dist/src/cli/main.js';
const unit = 'usr/lib/systemd/system/goshawk-agent.service';
const camera = 'usr/lib/goshawk-agent/dist/src/adapters/street/worker.js';

export const badReleases = [
  [
    'does not start',
    '0.1.2',
    (edit) => edit(main, (text) => `if (process.argv[2] === 'agent') process.exit(3);\n${text}`),
  ],
  [
    'starts and does not connect',
    '0.1.3',
    (edit) =>
      edit(unit, (text) =>
        text.replace('[Service]', '[Service]\nEnvironment=GOSHAWK_BROKER_URL=mqtt://127.0.0.1:9'),
      ),
  ],
  ['connects and does not perceive', '0.1.4', (edit) => edit(camera, () => 'setInterval(() => {}, 1000);\n')],
];

/** The package `deb` under another version, changed; gives its path. */
export function madeOf(deb, folder, next, change = () => {}) {
  const root = `${folder}/tree`;
  const run = (...words) => execFileSync('dpkg-deb', words, { stdio: 'ignore' });
  rmSync(root, { recursive: true, force: true });
  run('-R', deb, root);
  const edit = (path, by) => writeFileSync(`${root}/${path}`, by(readFileSync(`${root}/${path}`, 'utf8')));
  edit('DEBIAN/control', (text) => text.replace('Version: 0.1.1', `Version: ${next}`));
  edit('usr/lib/goshawk-agent/package.json', (text) => text.replace('0.1.1', next));
  change(edit);
  const made = `${folder}/goshawk-agent_${next}_amd64.deb`;
  run('--root-owner-group', '-Zgzip', '-z1', '-b', root, made);
  rmSync(root, { recursive: true });
  return made;
}
