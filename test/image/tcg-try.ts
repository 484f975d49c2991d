import { frames, until } from '/work/w/img/test/image/guest.ts';
import { Machine } from '/work/w/img/test/image/machine.ts';

const t = performance.now();
const el = () => ((performance.now() - t) / 1000).toFixed(1);
const m = new Machine({ folder: '/tmp/img/m', disk: '/tmp/img/tcg.disk', emulate: true });
try {
  console.log(await m.must('uptime; cat /proc/cmdline', 400_000), el());
  await until('frames', 300_000, async () => (await frames(m)) > 5);
  console.log('perceives', el());
  await until(
    'confirmed',
    100_000,
    async () => (await m.sh('systemctl is-active goshawk-confirm')).text === 'active',
  );
  console.log('confirmed', el());
} catch (e) {
  console.log(String(e), el());
}
console.log(
  (
    await m
      .sh(
        'systemd-analyze; systemd-analyze blame | head -20; systemctl --failed; journalctl -b --no-pager -p warning -n 40; df -h; cat /run/goshawk-image/*; ls -la /dev/goshawk /var/lib/goshawk-image; cat /var/lib/goshawk-image/agent.json; journalctl -u goshawk-first-boot -u goshawk-confirm --no-pager',
        60000,
      )
      .catch((e) => ({ text: String(e) }))
  ).text,
);
await m.cut();
