/* The packages go. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, must, sh, step } from './kit.mjs';

/** Files that belong to no package, apart from where the system itself writes all the time. */
const strays = () =>
  must(
    'find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /dev -o -path /tmp -o -path /opt -o -path /var/log -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /var/cache -o -path /root \\) -prune -o -name "*goshawk*" -print',
  );

await step('goshawk is the controller’s when the agent is removed; its state stays', async () => {
  must('dpkg --remove goshawk-agent');
  must('goshawk --version');
  expect(existsSync('/var/lib/goshawk-agent/memory.json'), 'the state is gone');
  expect(existsSync('/etc/goshawk/agent.json'), 'the settings are gone');
});

await step('purged, nothing is left but the users', async () => {
  // What the operator made for the broker is the operator's.
  must('rm -rf /etc/mosquitto/goshawk /etc/mosquitto/conf.d/goshawk.conf');
  must('rm -f /etc/goshawk/*.crt /etc/goshawk/*.key /etc/goshawk/artifacts.token');
  sh('systemctl disable --now goshawk-revocations.path');
  must('rm -f /etc/systemd/system/goshawk-revocations.*');
  must('dpkg --purge goshawk-agent goshawk-controller');
  const left = strays();
  expect(left === '', left);
  expect(!existsSync('/etc/goshawk'), readdirSync('/etc').join(' '));
  expect(must('getent passwd goshawk').includes('/usr/sbin/nologin'), 'the user has a shell');
  expect(sh('systemctl is-failed goshawk-agent').text !== 'failed', 'a failed unit is left');
});
