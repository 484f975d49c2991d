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
    await says(unit, 'The settings were not read again');
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
