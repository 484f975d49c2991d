import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What deploy/jetson looks at of NVIDIA's folder Linux_for_Tegra after apply_binaries.sh, and packages to lay into it. */
export class FakeL4t {
  readonly folder = mkdtempSync(join(tmpdir(), 'goshawk-l4t-'));
  readonly l4t = join(this.folder, 'Linux_for_Tegra');
  readonly rootfs = join(this.l4t, 'rootfs');

  constructor(release = '36') {
    this.write('Linux_for_Tegra/rootfs/bin/sh', '');
    this.write(
      'Linux_for_Tegra/rootfs/etc/nv_tegra_release',
      `# R${release} (release), REVISION: 4.3, GCID: 1, BOARD: generic, EABI: aarch64\n`,
    );
    this.write('Linux_for_Tegra/rootfs/etc/machine-id', '');
    for (const file of [
      'tools/kernel_flash/l4t_initrd_flash.sh',
      'tools/kernel_flash/flash_l4t_t234_nvme.xml',
      'tools/kernel_flash/flash_l4t_t234_nvme_rootfs_ab.xml',
      'bootloader/generic/cfg/flash_t234_qspi.xml',
    ]) {
      this.write(`Linux_for_Tegra/${file}`, '');
    }
    // As there: a board takes in its carrier, and that one its module.
    this.conf('jetson-orin-nano-devkit', `source "\${LDK_DIR}/p3768-0000-p3767-0000-a0.conf";\n`);
    this.conf('p3768-0000-p3767-0000-a0', `source "\${LDK_DIR}/p3767.conf.common";\n`);
    this.write('Linux_for_Tegra/p3767.conf.common', '# Module\nCHIPID=0x23;\nEMMC_CFG=x\n');
    this.conf('jetson-agx-thor-devkit', `source "\${LDK_DIR}/p3834-0008-p4071-0000-nvme.conf"\n`);
    this.conf('p3834-0008-p4071-0000-nvme', 'CHIPID="0x26";\n');
    this.conf('jetson-xavier-nx-devkit', 'CHIPID=0x19;\n');
    this.conf('loop', `source "\${LDK_DIR}/loop.conf"\n`);
  }

  conf(name: string, text: string): void {
    this.write(`Linux_for_Tegra/${name}.conf`, text);
  }

  write(path: string, text: string, mode?: number): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (mode !== undefined) chmodSync(file, mode);
    return file;
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  /** A package with nothing in it but its names. */
  deb(name = 'goshawk-agent', architecture = 'arm64', version = '0.1.0'): string {
    const tree = join(this.folder, 'deb', `${name}-${architecture}`);
    const fields = [
      `Package: ${name}`,
      `Version: ${version}`,
      `Architecture: ${architecture}`,
      'Maintainer: T <t@t.example>',
      'Description: test',
    ];
    mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
    mkdirSync(join(tree, 'usr/lib/goshawk-agent'), { recursive: true });
    chmodSync(join(tree, 'DEBIAN'), 0o755);
    writeFileSync(join(tree, 'DEBIAN/control'), `${fields.join('\n')}\n`);
    writeFileSync(join(tree, 'usr/lib/goshawk-agent/file'), 'x'.repeat(5000));
    const file = join(this.folder, `${name}_${version}_${architecture}.deb`);
    const made = spawnSync('dpkg-deb', ['-Zgzip', '--build', '--root-owner-group', tree, file]);
    if (made.status !== 0) throw new Error(String(made.stderr));
    return file;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
