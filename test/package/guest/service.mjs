/* The agent right after its installation: its service, its journal, its command and its manual. */
import { statSync } from 'node:fs';
import { expect, must, pidOf, show, step } from './kit.mjs';

await step('the agent is a sandboxed service of its own user', async () => {
  expect(show('goshawk-agent', 'ActiveState') === 'active', show('goshawk-agent', 'ActiveState'));
  expect(show('goshawk-agent', 'NRestarts') === '0', 'it was restarted');
  const user = must(`ps -o user= -p ${pidOf('goshawk-agent')}`).trim();
  expect(user === 'goshawk', `it runs as ${user}`);
  const mode = (statSync('/var/lib/goshawk-agent').mode & 0o777).toString(8);
  expect(mode === '700', `mode of the state folder: ${mode}`);
  const text = must('systemd-analyze security goshawk-agent | tail -1');
  const score = Number(/level for \S+: ([\d.]+)/.exec(text)?.[1]);
  expect(score <= 2.5, text);
  return { score, status: show('goshawk-agent', 'StatusText') };
});

await step('nothing in the journal is an error', async () => {
  pidOf('goshawk-agent');
  const lines = must('journalctl --no-pager -b -u goshawk-agent -o cat');
  const errors = lines.split('\n').filter((line) => /"level":(50|60)|^error/.test(line));
  expect(errors.length === 0, errors.join('\n'));
  const system = must('journalctl --no-pager -b -p err -t goshawk-agent -t systemd -o cat');
  expect(!/goshawk/.test(system), system);
});

await step('goshawk, its manual and its completion are there', async () => {
  const version = must('goshawk --version');
  expect(/^0\.1\.0/.test(version), version);
  expect(must('man goshawk | cat').includes('goshawk model import'), 'the manual lacks model import');
  must('bash -c "source /usr/share/bash-completion/completions/goshawk && complete -p goshawk"');
  must('goshawk doctor');
});
