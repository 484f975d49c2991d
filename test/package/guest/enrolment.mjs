/* A fleet with certificates, set up as docs/enrolment.md says it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ask, expect, journal, must, parts, says, seesPictures, step, until } from './kit.mjs';

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
      must(`GOSHAWK_TOKEN=$(cat /var/lib/goshawk-controller/admin.token) goshawk enrolment approve ${id}`);
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
