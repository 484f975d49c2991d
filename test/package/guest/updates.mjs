/*
 * Releases of the agent that the controller of this machine rolls out: signed, fetched, installed by the helper, proven. Then
 * three bad ones, which have to go back by themselves, and what a broken-in agent may try.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { badReleases, madeOf } from './bad-releases.mjs';
import { ask, expect, must, packages, seesPictures, sh, show, step, until } from './kit.mjs';
import { goshawk, helperState, name, slot, status, token, version } from './releases.mjs';

const work = '/root/updates';
const repository = `${work}/fleet-trust.json`;
const pass = `${work}/pass`;
const sign = (bundle, release) =>
  goshawk(
    `model sign ${bundle} --repository ${repository} --key ${work}/anna.key --passphrase-file ${pass} --release ${release}`,
  );
const publish = () => goshawk(`keys publish ${repository}`);
/** The package of 0.1.1 under another version, changed. */
const made = (next, change) =>
  madeOf(must(`ls ${packages}/debs/goshawk-agent_0.1.1_*.deb`), work, next, change);

/** A release of a package, pushed; with a number it is signed and published. */
function pushed(deb, number) {
  const [, next] = /_([^_]+)_amd64\.deb$/.exec(deb);
  const bundle = `${work}/release-${next}`;
  const { digest } = JSON.parse(goshawk(`release create ${deb} --out ${bundle} --json`));
  if (number !== undefined) {
    sign(bundle, number);
    publish();
  }
  goshawk(`model push ${bundle}`);
  must(`rm -f ${deb}`);
  return { digest, bundle, next };
}

async function rollOut(next) {
  const policy = { model: { name, version: next }, slot: 'agent', target: { devices: ['board-7'] } };
  writeFileSync(`${work}/policy.json`, JSON.stringify(policy));
  goshawk(`rollout create to-${next} -f ${work}/policy.json`);
  const { text } = sh(`GOSHAWK_TOKEN=${token()} goshawk rollout wait to-${next} --timeout 300s`);
  return text;
}

await step('the fleet gets keys, and the machine a root of its own', async () => {
  mkdirSync(work);
  writeFileSync(pass, 'correct horse battery\n');
  must(`chmod 600 ${pass}`);
  const made = JSON.parse(goshawk('token create --name board-7 --role device --json'));
  writeFileSync('/etc/goshawk/artifacts.token', `${made.token}\n`);
  must('chgrp goshawk /etc/goshawk/artifacts.token && chmod 640 /etc/goshawk/artifacts.token');
  goshawk(`keys create ${work}/anna.key --passphrase-file ${pass}`);
  goshawk(`keys online --out ${work}/online.pub`);
  goshawk(
    `keys init ${repository} --root-key ${work}/anna.key.pub --threshold 1 --online-key ${work}/online.pub`,
  );
  goshawk(`keys sign ${repository} --key ${work}/anna.key --passphrase-file ${pass}`);
  sign('/usr/lib/goshawk-agent/models/street', 1);
  publish();
  goshawk(`keys anchor ${repository} --out /etc/goshawk/root.json`);
  must('chmod 644 /etc/goshawk/root.json');
  const path = '/etc/goshawk/agent.json';
  const settings = JSON.parse(readFileSync(path, 'utf8'));
  settings.artifacts = { registry: 'http://127.0.0.1:8080', tokenFile: '/etc/goshawk/artifacts.token' };
  settings.trust = { rootFile: '/etc/goshawk/root.json', url: 'http://127.0.0.1:8080' };
  settings.probationSeconds = 5;
  writeFileSync(path, JSON.stringify(settings));
  writeFileSync('/etc/default/goshawk-update', 'TRIAL_SECONDS=120\n');
  writeFileSync('/etc/default/goshawk-agent', '# mine\n');
  must('systemctl restart goshawk-agent');
  await seesPictures();
  await until(
    'the agent says which release it is',
    60,
    async () => (await slot())?.loaded?.version === '0.1.0',
  );
  expect(show('goshawk-update.path', 'ActiveState') === 'active', 'the helper does not listen');
  expect((await ask('devices/board-7')).reported.trust.mode === 'signed', 'the device is not signed');
});

await step('a release is rolled out: installed, proven and kept', async () => {
  must(`cp ${packages}/debs/goshawk-agent_0.1.1_amd64.deb ${work}/`);
  pushed(`${work}/goshawk-agent_0.1.1_amd64.deb`, 2);
  const said = await rollOut('0.1.1');
  expect(
    said.includes('finished'),
    `${said}\n${status()}\n${sh('journalctl --no-pager -u goshawk-update -u goshawk-update-guard -o cat | tail -30').text}`,
  );
  expect(version() === '0.1.1', version());
  await seesPictures();
  const { loaded, deployment } = await slot();
  expect(
    loaded.version === '0.1.1' && deployment.state === 'committed',
    JSON.stringify({ loaded, deployment }),
  );
  const device = goshawk('device show board-7');
  expect(device.includes(`${name} 0.1.1`) && device.includes('agent: 0.1.1'), device.slice(0, 1_500));
  expect(helperState() === 'idle', status());
  expect(!existsSync('/etc/systemd/system/goshawk-update-guard.service'), 'the guard is left');
});

await step('a rollout that is taken back brings the package of before, which no registry has', async () => {
  goshawk('rollout rollback to-0.1.1');
  await until('the version before is back', 120, () => version() === '0.1.0' && helperState() === 'idle');
  await until('the device says so', 60, async () => {
    const { loaded, deployment } = await slot();
    return loaded?.version === '0.1.0' && deployment.state === 'committed';
  });
  await seesPictures();
  goshawk('rollout wait to-0.1.1 --timeout 300s || true');
  const order = goshawk(`model deploy --device board-7 --slot agent ${name}@0.1.1 --wait`);
  expect(order.includes('committed') && version() === '0.1.1', `${order}\n${version()}`);
  await seesPictures();
});

for (const [what, next, change] of badReleases)
  await step(`a release that ${what} goes back by itself, and the rollout with it`, async () => {
    pushed(made(next, change), 2);
    const said = await rollOut(next);
    expect(/rolled-back|rolling-back/.test(said), `${said}\n${status()}`);
    await until('the version before is back', 120, () => version() === '0.1.1' && helperState() === 'idle');
    await seesPictures();
    await until('the device says so', 60, async () => {
      const { loaded, deployment } = await slot();
      return loaded?.version === '0.1.1' && !['probation', 'swapping'].includes(deployment.state);
    });
    return {
      told: status()
        .match(/result=.*|reason=.*/g)
        ?.join(' '),
    };
  });

await step('a process of the update that is killed in each state comes to the same end', async () => {
  const { digest } = pushed(made('0.1.5'), 2);
  const killed = [];
  const order = `model deploy --device board-7 --slot agent ${name}@0.1.5`;
  goshawk(order);
  for (const state of ['installing', 'trial', 'reverting'])
    if (
      await until(
        state,
        120,
        () => helperState() === state || (helperState() === 'idle' && killed.length > 0),
      )
    ) {
      if (helperState() !== state) break;
      execFileSync('systemctl', ['kill', '-s', 'KILL', 'goshawk-update-guard']);
      killed.push(state);
    }
  await until('it is at its end', 180, () => helperState() === 'idle');
  await until('the device says so', 60, async () =>
    ['committed', 'failed'].includes((await slot())?.deployment.state),
  );
  expect(['0.1.1', '0.1.5'].includes(version()), version());
  must('dpkg --audit | grep . && exit 1 || true');
  // After updates, a rollback to a package that was made again, and more updates.
  for (const [file, text] of [
    ['goshawk-update', 'TRIAL_SECONDS=120\n'],
    ['goshawk-agent', '# mine\n'],
  ])
    expect(readFileSync(`/etc/default/${file}`, 'utf8') === text, `${file} was changed`);
  await seesPictures();
  return { killed: killed.join(), version: version(), about: status().includes(digest) };
});

await step('what nobody signed is not installed, whoever asks the helper', async () => {
  const before = version();
  const { digest, bundle } = pushed(made('0.1.6'));
  const refused = sh(
    `GOSHAWK_TOKEN=${token()} goshawk model deploy --device board-7 --slot agent ${name}@0.1.6`,
  );
  expect(refused.status !== 0, 'the controller ordered it');
  // An agent that was broken into has the file, and asks.
  const folder = `/var/lib/goshawk-agent/releases/${digest.slice(7)}`;
  must(
    `mkdir -p ${folder} && cp ${bundle}/* ${folder}/ && chown -R goshawk: /var/lib/goshawk-agent/releases`,
  );
  writeFileSync('/var/lib/goshawk-agent/update/request', `prepare ${digest}\n`);
  await until('the helper has answered', 60, () => status().includes(`about=${digest}`));
  expect(/result=refused/.test(status()) && /not signed|has not signed/.test(status()), status());
  expect(version() === before && helperState() === 'idle', version());
  expect(
    readdirSync('/var/lib/goshawk-update').every((one) => one !== 'next'),
    'it is kept',
  );
});
