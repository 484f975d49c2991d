/*
 * Runs as root in a fresh Debian under systemd, with a Node of its own beside it: installs, uses, upgrades and purges the
 * packages as an operator would. Prints one line of JSON for each thing that it looked at. Started by main.ts.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const packages = '/opt/test';
const say = (line) => appendFileSync(`${packages}/results`, `${line}\n`);

function sh(command) {
  const result = spawnSync('sh', ['-c', command], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  return { status: result.status, text: `${result.stdout}${result.stderr}`.trim() };
}

/** Throws what the command said where it failed. */
function must(command) {
  const { status, text } = sh(command);
  if (status !== 0) throw new Error(`${command}: exit status ${status}: ${text.slice(-1_500)}`);
  return text;
}

function expect(condition, words) {
  if (!condition) throw new Error(words);
}

async function until(what, seconds, condition) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error.message;
    }
    await sleep(100);
  }
  throw new Error(`${what}: not within ${seconds} s (${last})`);
}

/** How many frames the agent has looked at; undefined while nobody answers. */
async function frames() {
  try {
    const text = await (
      await fetch('http://127.0.0.1:9464/metrics', { signal: AbortSignal.timeout(1_000) })
    ).text();
    return Number(/^goshawk_frames_processed_total\S* (\d+)/m.exec(text)?.[1] ?? 0);
  } catch {
    return undefined;
  }
}

async function step(name, action) {
  const began = Date.now();
  try {
    const found = (await action()) ?? {};
    const seconds = (Date.now() - began) / 1000;
    say(`${JSON.stringify({ name, ok: true, seconds, load: loadavg()[0], ...found })}`);
  } catch (error) {
    say(
      `${JSON.stringify({ name, ok: false, seconds: (Date.now() - began) / 1000, problem: error.message })}`,
    );
  }
}

const show = (unit, property) => must(`systemctl show -P ${property} ${unit}`);
/** Of the main process; throws where the unit does not run. */
function pidOf(unit) {
  const pid = show(unit, 'MainPID');
  expect(pid !== '0', `${unit} does not run`);
  return pid;
}
const seesPictures = () => until('the agent perceives', 60, async () => ((await frames()) ?? 0) > 5);
/** Files that belong to no package, apart from where the system itself writes all the time. */
const strays = () =>
  must(
    'find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /dev -o -path /tmp -o -path /opt -o -path /var/log -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /var/cache -o -path /root \\) -prune -o -name "*goshawk*" -print',
  );

/** Seconds of each part, so that a slow one can be found. */
async function parts(work) {
  const seconds = {};
  for (const [name, action] of Object.entries(work)) {
    const began = Date.now();
    await action();
    seconds[name] = (Date.now() - began) / 1000;
  }
  return seconds;
}

await step('install goshawk-agent, perceiving', () =>
  parts({
    unpack: () => must(`dpkg --unpack ${packages}/1/goshawk-agent_*.deb`),
    // Starts the service too, and waits until it says that its cameras run.
    configure: () => must('dpkg --configure --pending'),
    firstFrames: seesPictures,
  }),
);

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

await step('install goshawk-controller beside it, joined by the broker of this machine', async () => {
  must(`dpkg --install ${packages}/1/goshawk-controller_*.deb`);
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

/** Lines that a unit wrote since it was started the last time. */
const journal = (unit) =>
  must(`journalctl --no-pager -o cat _SYSTEMD_INVOCATION_ID=${show(unit, 'InvocationID')}`).split('\n');
const says = (unit, words) =>
  until(`${unit} says "${words}"`, 60, () => journal(unit).find((line) => line.includes(words)));

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

const ask = async (path, options = {}) => {
  const token = readFileSync('/var/lib/goshawk-controller/admin.token', 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (await fetch(`http://127.0.0.1:8080/api/v1/${path}`, { headers, ...options })).json();
};

await step('a fleet with certificates of its own is set up as docs/enrolment.md says it', async () => {
  const broker = '/etc/mosquitto/goshawk';
  must('mkdir -p /root/safe');
  must('goshawk controller ca init --dir /var/lib/goshawk-controller/ca --root-out /root/safe');
  const issue = 'goshawk controller ca issue --dir /var/lib/goshawk-controller/ca';
  must(`${issue} --as server --name 127.0.0.1 --out ${broker}`);
  must(`${issue} --as client --name controller --out /etc/goshawk`);
  must(`cp /var/lib/goshawk-controller/ca/root.crt ${broker}/ca.crt`);
  must(`cp /var/lib/goshawk-controller/ca/root.crt /etc/goshawk/broker-ca.crt`);
  must(`chown -R mosquitto: ${broker}`);
  must('chown goshawk-controller: /etc/goshawk/controller.key');
  const path = '/etc/goshawk/controller.json';
  const settings = JSON.parse(readFileSync(path, 'utf8'));
  settings.broker = {
    url: 'mqtts://127.0.0.1:8883',
    caFile: '/etc/goshawk/broker-ca.crt',
    ...{ certFile: '/etc/goshawk/controller.crt', keyFile: '/etc/goshawk/controller.key' },
  };
  settings.devices = { names: ['127.0.0.1'] };
  writeFileSync(path, JSON.stringify(settings));
  must(`goshawk broker config --for mosquitto --config ${path} --out /tmp/broker`);
  must(`install -m 644 /tmp/broker/goshawk.conf /etc/mosquitto/conf.d/goshawk.conf`);
  must(`install -o mosquitto -m 640 /tmp/broker/acl ${broker}/acl`);
  must(`install -m 644 /var/lib/goshawk-controller/ca/devices.crl ${broker}/devices.crl`);
  must('install -m 644 /tmp/broker/goshawk-revocations.* /etc/systemd/system');
  must('systemctl daemon-reload && systemctl enable --now goshawk-revocations.path');
  must('systemctl restart mosquitto goshawk-controller');
  await says('goshawk-controller', 'Connected to the broker');
  // Connections to the one before it end first.
  await until('the new controller answers', 60, async () => (await ask('claims')).open);
});

await step('an agent under its unit is given a claim, enrols, and goes on perceiving', () =>
  parts({
    async give() {
      const { claim } = await ask('claims', {
        method: 'POST',
        body: JSON.stringify({ name: 'hall 3', groups: ['hall-3'] }),
      });
      writeFileSync('/root/claim.token', claim);
      must('goshawk enrol --config /etc/goshawk/agent.json --claim-file /root/claim.token');
      must('systemctl restart goshawk-agent');
    },
    // Its name is known from the time before it had a certificate: a person is asked.
    async approve() {
      const waiting = async () =>
        (await ask('enrolments')).enrolments.find((one) => one.device === 'board-7');
      const { id } = await until('the agent waits for a person', 60, waiting);
      must(
        `GOSHAWK_TOKEN=$(cat /var/lib/goshawk-controller/admin.token) goshawk fleet enrolments approve ${id}`,
      );
    },
    enrol: () => says('goshawk-agent', '"Enrolled"'),
    connect: () => says('goshawk-agent', 'Connected to the broker'),
    async online() {
      await until('it is online, in its group', 60, async () => {
        const { devices } = await ask('devices');
        return devices.some(({ online, groups }) => online && groups.includes('hall-3'));
      });
    },
    async perceive() {
      await seesPictures();
      const files = must('stat -c "%U %a %n" /var/lib/goshawk-agent/identity/*').split('\n');
      expect(files.length === 4 && files.every((line) => line.startsWith('goshawk 600 ')), files.join());
      const errors = journal('goshawk-agent').filter((line) => /"level":(50|60)|^error/.test(line));
      expect(errors.length === 0, errors.join('\n'));
    },
  }),
);

await step('agent and controller do not see each other’s state', async () => {
  for (const [user, state] of [
    ['goshawk', 'goshawk-controller'],
    ['goshawk-controller', 'goshawk-agent'],
  ]) {
    const seen = sh(`setpriv --reuid=${user} --regid=${user} --clear-groups ls /var/lib/${state}`);
    expect(seen.text.includes('Permission denied'), seen.text);
  }
});

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

await step('upgrade of the running agent: state and settings stay', async () => {
  const settings = '/etc/goshawk/agent.json';
  const changed = readFileSync(settings, 'utf8').replace('"fps": 10', '"fps": 25');
  writeFileSync(settings, changed);
  writeFileSync('/etc/default/goshawk-agent', '# mine\nROS_DOMAIN_ID=7\n');
  must('systemctl restart goshawk-agent');
  await seesPictures();
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
    spawn('sh', ['-c', `dpkg --force-confold --install ${packages}/2/goshawk-agent_*.deb`], {
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
  expect(gapMs < 5_000, `gap of ${gapMs} ms`);
  return { gapMs };
});

await step('a downgrade is refused, and the new version goes on', async () => {
  const { status, text } = sh(`dpkg --install ${packages}/1/goshawk-agent_*.deb`);
  expect(status !== 0 && text.includes('refused to go back'), text);
  must('dpkg --configure -a');
  expect(/^0\.1\.1/.test(must('goshawk --version')), 'the old version is there');
  await seesPictures();
});

await step('goshawk is the controller’s when the agent is removed; its state stays', async () => {
  must('dpkg --remove goshawk-agent');
  must('goshawk --version');
  expect(existsSync('/var/lib/goshawk-agent/memory.json'), 'the state is gone');
  expect(existsSync('/etc/goshawk/agent.json'), 'the settings are gone');
});

await step('purged, nothing is left but the users', async () => {
  // What the operator made for the broker is the operator's.
  must(
    'rm -r /etc/mosquitto/goshawk /etc/mosquitto/conf.d/goshawk.conf /etc/goshawk/*.crt /etc/goshawk/*.key',
  );
  must('systemctl disable --now goshawk-revocations.path && rm /etc/systemd/system/goshawk-revocations.*');
  must('dpkg --purge goshawk-agent goshawk-controller');
  const left = strays();
  expect(left === '', left);
  expect(!existsSync('/etc/goshawk'), readdirSync('/etc').join(' '));
  expect(must('getent passwd goshawk').includes('/usr/sbin/nologin'), 'the user has a shell');
  expect(sh('systemctl is-failed goshawk-agent').text !== 'failed', 'a failed unit is left');
});

say('END');
execFileSync('systemctl', ['poweroff', '--no-block']);
