/* A process that hangs, another version over the running one, and an older one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, frames, must, packages, pidOf, seesPictures, sh, show, step, until } from './kit.mjs';

await step('a hung agent is started anew by the watchdog', async () => {
  const before = pidOf('goshawk-agent');
  must(`kill -STOP ${before}`);
  await until('another process', 90, async () => {
    const now = show('goshawk-agent', 'MainPID');
    return now !== '0' && now !== before;
  });
  await seesPictures();
  expect(show('goshawk-agent', 'NRestarts') === '1', `restarts: ${show('goshawk-agent', 'NRestarts')}`);
});

const starts = () =>
  Number(must("journalctl --no-pager -u goshawk-agent -t systemd -o cat | grep -c '^Started '"));

await step('upgrade of the running agent: state and settings stay', async () => {
  const settings = '/etc/goshawk/agent.json';
  const changed = readFileSync(settings, 'utf8').replace('"fps": 10', '"fps": 25');
  writeFileSync(settings, changed);
  writeFileSync('/etc/default/goshawk-agent', '# mine\nROS_DOMAIN_ID=7\n');
  must('systemctl restart goshawk-agent');
  await seesPictures();
  const before = starts();
  const memory = readFileSync('/var/lib/goshawk-agent/memory.json', 'utf8');
  const session = JSON.parse(memory).session;
  let count = await frames();
  let seen = Date.now();
  let gapMs = 0;
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const now = await frames();
      if (now !== undefined && now !== count) {
        gapMs = Math.max(gapMs, Date.now() - seen);
        seen = Date.now();
        count = now;
      }
      await sleep(20);
    }
  })();
  // dpkg in another process: this one measures meanwhile.
  const { spawn } = await import('node:child_process');
  const code = await new Promise((resolve) =>
    spawn('sh', ['-c', `dpkg --force-confold --install ${packages}/debs/goshawk-agent_0.1.1_*.deb`], {
      stdio: 'ignore',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
    }).on('exit', resolve),
  );
  expect(code === 0, `dpkg ended with ${code}`);
  await sleep(1_000);
  await seesPictures();
  watching = false;
  await watch;
  expect(/^0\.1\.1/.test(must('goshawk --version')), must('goshawk --version'));
  expect(readFileSync(settings, 'utf8') === changed, 'agent.json was changed');
  expect(readFileSync('/etc/default/goshawk-agent', 'utf8').includes('# mine'), 'the conffile was changed');
  const after = JSON.parse(readFileSync('/var/lib/goshawk-agent/memory.json', 'utf8')).session;
  expect(after > session, `session ${session} -> ${after}: the state began anew`);
  // How long no frame came says more about the machine; that it was one restart is the package's doing.
  expect(starts() === before + 1, `${starts() - before} starts`);
  return { gapMs };
});

await step('a downgrade is refused, and the new version goes on', async () => {
  const { status, text } = sh(`dpkg --install ${packages}/debs/goshawk-agent_0.1.0_*.deb`);
  expect(status !== 0 && text.includes('refused to go back'), text);
  must('dpkg --configure -a');
  expect(/^0\.1\.1/.test(must('goshawk --version')), 'the old version is there');
  await seesPictures();
});
