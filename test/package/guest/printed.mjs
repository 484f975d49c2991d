/*
 * The quick starts that begin with a package, as docs/quick-starts.md prints them, in a fresh Debian under systemd. The fleet's
 * refers to a section of docs/enrolment.md, which is typed there.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { Beside, expect, journal, must, packages, sh, show, step, until } from './kit.mjs';
import { makeReader, printed, type, typeSection } from './typing.mjs';

const street = '/usr/lib/goshawk-agent/models/street';
const apt = 'apt-get install -y -q -o DPkg::Options::=--force-unsafe-io';
const admin = () => readFileSync('/var/lib/goshawk-controller/admin.token', 'utf8').trim();
/** The names of the page are this machine. */
const here = (typed) => typed.replaceAll(/broker\.example|fleet\.example/g, '127.0.0.1');
let camera;

await step('a reader with the packages in her home', () => {
  must('apt-get install -y -q sudo');
  // As the installer of Debian writes it.
  must('echo "127.0.1.1 board-7 board-9" >>/etc/hosts');
  makeReader('ann');
  // She answers "yes" to apt. The broker of the test's base comes when the page says so.
  writeFileSync(
    '/etc/apt/apt.conf.d/90yes',
    'APT::Get::Assume-Yes "true";\nDPkg::Options:: "--force-unsafe-io";\n',
  );
  must('apt-get purge -y -q mosquitto');
  must(`cp ${packages}/debs/*.deb /home/ann && chown ann: /home/ann/*.deb`);
});

const online = (device) =>
  until(`${device} is online`, 180, async () => {
    const { text } = await type('goshawk device list --json');
    if (!text.includes(`"id":"${device}","online":true`)) throw new Error(text);
    return true;
  });

/** What the link of the page leads to: the controller’s set-up, typed as root. */
async function setUpController() {
  const insert = () => {
    const file = '/etc/goshawk/controller.json';
    const settings = {
      ...JSON.parse(readFileSync(file, 'utf8')),
      ...JSON.parse(`{${here(printed.settings)}}`),
    };
    writeFileSync(file, JSON.stringify(settings));
  };
  must('mkdir -p /media/safe');
  for (const { line, typed } of printed.setUp) {
    if (typed.startsWith('goshawk broker config')) insert();
    const { code, text } = await type(here(typed), { user: 'root' });
    expect(code === 0, `enrolment.md:${line}: ${typed}: ${code}: ${text.slice(-1_500)}`);
  }
}

/** The other machine of the page: this one with another name, and with a package that was just installed. */
function anotherDevice() {
  must('apt-get purge -y -q goshawk-agent');
  must('rm -rf /var/lib/goshawk-agent /etc/goshawk/agent.json');
  must('echo board-9 >/etc/hostname && hostname board-9');
  must(`${apt} /home/ann/goshawk-agent_0.1.0_amd64.deb`);
}

/** No time server reaches this container; nothing else may fail. */
const selftest = {
  status: 1,
  after(text) {
    const failed = [...text.matchAll(/^ *!! +(\S+)/gm)].map(([, row]) => row);
    expect(failed.join() === 'clock', `it fails: ${failed.join(', ')}`);
  },
};

const table = {
  'sudo goshawk selftest': selftest,
  'sudo cp -r bundle/': {
    before() {
      cpSync(street, '/home/ann/bundle', { recursive: true });
      must('chown -R ann: /home/ann/bundle');
    },
  },
  'sudo nano /etc/goshawk/agent.json': {
    // There is no camera here.
    text: (text) => text.replace('rtsp://10.0.0.5/stream1', 'sim'),
  },
  'sudo journalctl -u goshawk-agent -f': { until: /The agent has started/ },
  'sudo systemctl restart goshawk-agent': {
    after: () => until('the agent runs', 60, () => show('goshawk-agent', 'ActiveState') === 'active'),
  },
  // NVIDIA's packages bring a compiler and TensorRT's headers. Here it is Debian's, and the headers of another part.
  'sudo goshawk native build': { before: () => must(`${apt} g++ cyclonedds-dev`) },
  'goshawk run --model bundle/ --source ros:': {
    async before() {
      camera = new Beside(
        `goshawk run --model ${street} --source sim --publish ros --ros-node /robot --duration 10m --json --ros-remap /robot/annotated:=/camera/image_raw`,
      );
      await camera.says('"type":"frame"');
    },
    instead: (typed) => `${typed} --json`,
    until: /"type":"frame"/,
    after: () => camera.end(),
  },
  'sudo apt install ./goshawk-controller': {
    after: () =>
      until('the controller answers', 60, async () => (await fetch('http://127.0.0.1:8080/healthz')).ok),
  },
  'sudo cat /var/lib/goshawk-controller/admin.token': {
    after: (text) => expect(text.trim() === admin(), text),
  },
  'goshawk login': { asked: admin },
  'goshawk device list': { after: () => online('box-7') },
  'goshawk claim create': { before: setUpController },
  'sudo goshawk enrol': { before: anotherDevice },
};

for (const section of printed.sections) await typeSection(section, table);

await step('the fleet of the page has the device that joined with the claim', async () => {
  await online('board-9');
  const errors = journal('goshawk-agent').filter((line) => /"level":(50|60)|^error/.test(line));
  expect(errors.length === 0, errors.join('\n'));
  expect(sh('test -e /var/lib/goshawk-agent/identity/device.crt').status === 0, 'it has no certificate');
});
