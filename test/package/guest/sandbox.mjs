/* A command in the sandbox of the service, and what a Jetson adds to it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { Beside, expect, must, seesPictures, sh, show, step, until } from './kit.mjs';

const asService = '/usr/lib/goshawk-agent/bin/as-service';
const unit = 'goshawk-agent.service';
/** How a unit is started and watched, and what it happens to be doing: all else of the two must be the same. */
const different = new RegExp(
  `^(${[
    ...[
      '.*Timestamp.*',
      'After',
      'Before',
      'Can.*',
      'CollectMode',
      'ControlGroup.*',
      'DropInPaths',
      'FragmentPath',
    ],
    ...[
      'Exec(Main|Start|Reload).*',
      'Id',
      'Names',
      'InvocationID',
      'MainPID',
      'Refs',
      'Transient',
      'UnitFile.*',
    ],
    ...['Type', 'NotifyAccess', 'N?Restart.*', 'TimeoutStart.*', 'Watchdog.*', 'Status.*', 'WantedBy'],
    '(Memory|Tasks|IO|IP|CPU).*(Current|Peak|Available|Bytes|NSec|Operations|Packets)',
  ].join('|')})=`,
);

const properties = (name) =>
  (name === '' ? '' : must(`systemctl show ${name}`))
    .split('\n')
    .filter((line) => line.includes('=') && !different.test(line));

await step('as-service runs a command as the service’s user, in its sandbox', async () => {
  const who = must(`${asService} id`);
  expect(/uid=\d+\(goshawk\).*\(video\)/.test(who), who);
  must('mkdir -p -m 777 /srv/all');
  const written = sh(`${asService} touch /srv/all/x`).text;
  expect(written.includes('Read-only file system'), `it may write to /srv: ${written}`);
  expect(sh(`${asService} sh -c 'exit 7'`).status === 7, 'the exit status is lost');
  expect(sh('ls /run/systemd/system | grep goshawk-agent-check').text === '', 'a drop-in was left');
  const sleeping = new Beside(`${asService} sleep 600`);
  const name = () => must("systemctl list-units --plain --no-legend 'goshawk-agent-check-*' | cut -d' ' -f1");
  await until('the unit runs', 60, () => properties(name()).includes('SubState=running'));
  const [ours, service] = [properties(name()), properties(unit)];
  expect((await sleeping.end()) === 130, 'a signal does not end it at once');
  const missing = service.filter((line) => !ours.includes(line));
  expect(missing.length === 0, `not the same: ${missing.join('; ')}`);
  expect(service.length > 100, `only ${service.length} properties were compared`);
  return { compared: service.length };
});

await step('goshawk doctor in the sandbox', () => {
  must(`${asService} goshawk doctor`);
});

await step('goshawk selftest in the sandbox: nothing fails', () => {
  // Without the sensors: no time server keeps the clock where there is no network.
  const groups = '--only engines,decoders,cameras,ros2,disk,watchdog';
  const { status, text } = sh(`${asService} goshawk selftest ${groups} --time 300ms --json 2>/dev/null`);
  const { trials } = JSON.parse(text.split('\n').at(-1));
  const failed = trials.filter(({ state }) => state === 'fails');
  expect(status === 0 && failed.length === 0, JSON.stringify(failed));
  const works = (group) => trials.filter((one) => one.group === group && one.state === 'works').length;
  expect(works('engines') > 3 && works('ros2') > 0 && works('decoders') > 2, JSON.stringify(trials));
  return { works: trials.filter(({ state }) => state === 'works').length };
});

await step(
  'on a Jetson, and only there, the service has NVIDIA’s devices and the camera service’s socket',
  async () => {
    const generator = '/usr/lib/systemd/system-generators/goshawk-agent-jetson';
    const folder = '/run/systemd/system';
    must(`${generator} ${folder} ${folder} ${folder}`);
    expect(sh(`ls ${folder}/goshawk-agent.service.d`).status !== 0, 'a PC was taken for a Jetson');
    expect(show(unit, 'PrivateTmp') === 'yes', 'PrivateTmp is off on a PC');
    mkdirSync('/run/board', { recursive: true });
    writeFileSync('/run/board/compatible', 'nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0');
    const server = createServer((socket) => socket.end('argus\n')).listen('/tmp/argus_socket');
    try {
      must(`GOSHAWK_DEVICE_TREE=/run/board ${generator} ${folder} ${folder} ${folder}`);
      must('chmod 777 /tmp/argus_socket && systemctl daemon-reload && systemctl restart goshawk-agent');
      await seesPictures();
      const text = must('systemctl cat goshawk-agent');
      expect(text.includes('/dev/host1x-fence') && text.includes('char-capture-*'), text);
      expect(show(unit, 'PrivateTmp') === 'no', 'PrivateTmp is still on');
      const script =
        'require("net").connect("/tmp/argus_socket").on("data",d=>{console.log(String(d));process.exit()})';
      const asked = new Beside(`${asService} /usr/lib/goshawk-agent/bin/node -e '${script}'`);
      await asked.says('argus');
      await asked.ended;
      must(`${asService} sh -c 'touch "$TMPDIR/x" && ! touch /tmp/x 2>/dev/null'`);
    } finally {
      server.close();
      rmSync(`${folder}/goshawk-agent.service.d`, { recursive: true, force: true });
      must('systemctl daemon-reload && systemctl restart goshawk-agent');
    }
    await seesPictures();
  },
);
