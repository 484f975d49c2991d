import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, work } from './places.ts';

/*
 * The script of the initial RAM disk that makes and mounts the data partition, on this machine's kernel: in a root of its
 * own with the RAM disk's own programs, on a loop device.
 */

const place = join(work, 'ram-disk');
const root = join(work, 'root-generic-amd64');
const script = 'etc/initramfs-tools/scripts/local-bottom/goshawk';

export function sh(
  command: string,
  limitMs = 60_000,
): { readonly status: number | null; readonly text: string } {
  const result = spawnSync('sh', ['-c', command], {
    encoding: 'utf8',
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  return { status: result.status, text: `${result.stdout}${result.stderr}` };
}

export function must(command: string, limitMs?: number): string {
  const { status, text } = sh(command, limitMs);
  if (status !== 0) throw new Error(`${command}: exit status ${status}: ${text.slice(-1500)}`);
  return text.trim();
}

/** Unpacks the RAM disk of the image that was built. */
export function unpackRamDisk(): void {
  rmSync(place, { recursive: true, force: true });
  must(`unshare --mount --root=${root} unmkinitramfs /boot/initrd.img /tmp/ram-disk`);
  must(`mv ${root}/tmp/ram-disk ${place}`);
  if (existsSync(join(place, 'main')))
    must(`mv ${place} ${place}.all && mv ${place}.all/main ${place} && rm -r ${place}.all`);
  for (const folder of ['proc', 'sys', 'dev', 'run', 'root'])
    mkdirSync(join(place, folder), { recursive: true });
  // As it is in this checkout.
  cpSync(join(projectRoot, 'deploy/image/root', script), join(place, 'scripts/local-bottom/goshawk'));
}

export interface Booted {
  readonly status: number | null;
  readonly text: string;
  /** What the script left in /run/goshawk-image/data. */
  readonly data: string;
  /** Of what is mounted as /var. */
  readonly kind: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** Runs the script as a board's start does, and `after` in the root that it leaves. `killAfterMs`: the plug is pulled then. */
export function bootFrom(card: string, after = 'true', killAfterMs?: number, partition = 2): Booted {
  const loop = must(`losetup --find --show ${card}`);
  // Also where this machine's kernel does not read such a partition table itself.
  sh(`partx --add ${loop}`);
  try {
    const inside = `
set -e
mount --make-rprivate /
mount --rbind /dev ${place}/dev && mount --rbind /sys ${place}/sys && mount -t proc proc ${place}/proc && mount -t tmpfs tmpfs ${place}/run
cat >${place}/start <<'END'
. /scripts/functions
export rootmnt=/root ROOT=${loop}p${partition} quiet=y
mount -t ext4 -o ro $ROOT /root
sh /scripts/local-bottom/goshawk
echo "DATA $(cat /run/goshawk-image/data)"
echo "KIND $(grep " /root/var " /proc/mounts | tail -n 1 | cut -d" " -f3)"
echo "BYTES $(df -k /root/var | tail -n 1 | tr -s " " | cut -d" " -f2)"
cd /root/var
${after}
END
exec chroot ${place} sh /start`;
    const began = performance.now();
    const result = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', inside], {
      encoding: 'utf8',
      timeout: killAfterMs ?? 120_000,
      killSignal: 'SIGKILL',
    });
    const text = `${result.stdout}${result.stderr}`;
    const line = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? '';
    return {
      status: result.status,
      text,
      data: line('DATA'),
      kind: line('KIND'),
      bytes: Number(line('BYTES')) * 1024,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    sh(`partx --delete ${loop}`);
    must(`losetup --detach ${loop}`);
    // Whoever was killed may still hold it for a moment.
    must(`for _ in $(seq 100); do losetup ${loop} >/dev/null 2>&1 || exit 0; sleep 0.1; done; exit 1`);
  }
}
