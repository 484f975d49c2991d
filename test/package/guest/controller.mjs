/* The controller beside the agent, and what both do with changed settings. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, journal, must, packages, pidOf, says, seesPictures, sh, show, step, until } from './kit.mjs';

await step('install goshawk-controller beside it, joined by the broker of this machine', async () => {
  must(`dpkg --install ${packages}/debs/goshawk-controller_0.1.0_*.deb`);
  await until('the controller answers', 60, async () => (await fetch('http://127.0.0.1:8080/healthz')).ok);
  const token = readFileSync('/var/lib/goshawk-controller/admin.token', 'utf8').trim();
  const devices = () =>
    fetch('http://127.0.0.1:8080/api/v1/devices', { headers: { authorization: `Bearer ${token}` } }).then(
      (answer) => answer.text(),
    );
  await until('the device is online', 60, async () => /"online":true/.test(await devices()));
  const page = await (await fetch('http://127.0.0.1:8080/')).text();
  expect(/<script/.test(page), 'there is no dashboard');
  const text = must('systemd-analyze security goshawk-controller | tail -1');
  const score = Number(/level for \S+: ([\d.]+)/.exec(text)?.[1]);
  expect(score <= 2, text);
  return { score, status: show('goshawk-controller', 'StatusText') };
});

await step('the controller serves the documentation of its version, and the agent carries none', async () => {
  const index = await fetch('http://127.0.0.1:8080/docs');
  const page = await index.text();
  expect(index.ok && page.includes('quick-starts.html'), `${index.status}: ${page.slice(0, 200)}`);
  const scripts = [...page.matchAll(/<script([^>]*)>([^<]*)/g)].filter(
    ([, head, code]) => !/src=|json/.test(head) && code.trim() !== '',
  );
  expect(scripts.length === 0, `a script that the policy refuses: ${scripts[0]?.[0]}`);
  const search = must("find /usr/lib/goshawk-controller/dist/docs -name '@localSearchIndex*'");
  expect(search !== '', 'the pages have no index to search');
  expect(sh('ls /usr/lib/goshawk-agent/dist/docs').status !== 0, 'the agent has the pages too');
  for (const name of ['preact', 'uplot', 'vue', 'minisearch'])
    must(`zcat /usr/share/doc/goshawk-controller/NOTICE.pages.gz | grep -q '^== ${name} '`);
});

await step('a person logs in once, and the commands that follow ask the controller', () => {
  const home = 'XDG_CONFIG_HOME=/root/config';
  must(`${home} goshawk login http://127.0.0.1:8080 --token-file /var/lib/goshawk-controller/admin.token`);
  expect(must('stat -c %a /root/config/goshawk/contexts.json') === '600', 'others can read the token');
  const list = must(`${home} goshawk device list -o yaml`);
  expect(/online: true/.test(list), list);
  must(`${home} goshawk logout`);
  expect(sh(`${home} goshawk device list`).status === 3, 'the token is used after the logout');
});

await step('the running controller is backed up, and the backup is restored into a folder of its own', () => {
  must('goshawk controller backup --config /etc/goshawk/controller.json --to /root/backup');
  expect(must('stat -c %a /root/backup') === '700', 'others can read the backup');
  const settings = JSON.parse(readFileSync('/etc/goshawk/controller.json', 'utf8'));
  writeFileSync('/root/restored.json', JSON.stringify({ ...settings, dataDir: '/root/restored' }));
  must('goshawk controller restore --config /root/restored.json --from /root/backup');
  must('test -s /root/restored/controller.db && test -s /root/restored/secrets.key');
});

for (const [unit, path, change] of [
  [
    'goshawk-agent',
    '/etc/goshawk/agent.json',
    { path: 'cameras.street.settings', value: { scoreThreshold: 0.6 } },
  ],
  ['goshawk-controller', '/etc/goshawk/controller.json', { path: 'retention', value: { eventDays: 9 } }],
])
  await step(`systemctl reload ${unit}: the settings are read again, and nothing is restarted`, async () => {
    const process = pidOf(unit);
    const restarts = show(unit, 'NRestarts');
    const before = readFileSync(path, 'utf8');
    const settings = JSON.parse(before);
    const keys = change.path.split('.');
    const last = keys.pop();
    keys.reduce((inner, key) => inner[key], settings)[last] = change.value;
    writeFileSync(path, JSON.stringify(settings));
    must(`systemctl reload ${unit}`);
    const told = await says(unit, 'The settings were read again');
    expect(told.includes(change.path), told);
    writeFileSync(path, '{');
    must(`systemctl reload ${unit}`);
    await says(unit, 'The reload failed');
    writeFileSync(path, before);
    must(`systemctl reload ${unit}`);
    await until(
      'the settings are back',
      60,
      () => journal(unit).filter((line) => line.includes('were read again')).length === 2,
    );
    expect(pidOf(unit) === process, 'it is another process');
    expect(
      show(unit, 'NRestarts') === restarts && show(unit, 'ActiveState') === 'active',
      'it was restarted',
    );
    if (unit === 'goshawk-agent') await seesPictures();
    return { told };
  });

await step('agent and controller do not see each other’s state', async () => {
  for (const [user, state] of [
    ['goshawk', 'goshawk-controller'],
    ['goshawk-controller', 'goshawk-agent'],
  ]) {
    const seen = sh(`setpriv --reuid=${user} --regid=${user} --clear-groups ls /var/lib/${state}`);
    expect(seen.text.includes('Permission denied'), seen.text);
  }
});
