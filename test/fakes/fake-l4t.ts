import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { applyBinaries, createDefaultUser, initrdFlash } from './l4t-tools.ts';

export type L4tRelease = '36' | '38' | '39';

const licence = 'Tegra_Software_License_Agreement-Tegra-Linux.txt';

/** What differs from JetPack 6 (L4T 36) to JetPack 7 (L4T 38, 39). */
export const shapes = {
  '36': { setup: 'nv-oem-config.target', licence: `rootfs/usr/share/doc/nvidia-tegra/${licence}` },
  '38': { setup: 'nv-oobe.target', licence },
  '39': { setup: 'nv-oobe.target', licence },
} as const satisfies Record<L4tRelease, unknown>;

/** What deploy/jetson looks at of NVIDIA's folder Linux_for_Tegra, by its real names, and packages to lay into it. */
export class FakeL4t {
  readonly folder = mkdtempSync(join(tmpdir(), 'goshawk-l4t-'));
  readonly l4t = join(this.folder, 'Linux_for_Tegra');
  readonly rootfs = join(this.l4t, 'rootfs');

  /** The sample root file system is unpacked; apply_binaries.sh was not run yet. */
  constructor(release: L4tRelease = '36') {
    const { setup, licence } = shapes[release];
    const jetpack7 = release !== '36';
    for (const name of ['bin', 'sbin', 'lib']) {
      mkdirSync(join(this.rootfs, 'usr', name), { recursive: true });
      symlinkSync(`usr/${name}`, join(this.rootfs, name));
    }
    for (const name of ['etc/passwd', 'etc/hosts', 'etc/gdm3/custom.conf', 'etc/machine-id']) {
      this.write(`Linux_for_Tegra/rootfs/${name}`, '');
    }
    this.#tool('tools/l4t_create_default_user.sh', createDefaultUser(licence, !jetpack7));
    this.#tool('apply_binaries.sh', applyBinaries(release, setup, jetpack7));
    this.write(`Linux_for_Tegra/${licence}`, 'NVIDIA');
    this.#tool('tools/kernel_flash/l4t_initrd_flash.sh', initrdFlash);
    this.write('Linux_for_Tegra/bootloader/generic/cfg/flash_t234_qspi.xml', '');
    if (jetpack7) this.#boardsOf7();
    else this.#boardsOf6();
    this.conf('jetson-xavier-nx-devkit', 'CHIPID=0x19;\n');
    this.conf('loop', `source "\${LDK_DIR}/loop.conf"\n`);
  }

  /** After NVIDIA's apply_binaries.sh: the state in which overlay.sh gets it. `setup`: starts in NVIDIA's set-up. */
  static applied(release: L4tRelease = '36', { setup = false } = {}): FakeL4t {
    const tree = new FakeL4t(release);
    const note = `# R${release} (release), REVISION: 4.0, GCID: 1, BOARD: generic, EABI: aarch64\n`;
    tree.write('Linux_for_Tegra/rootfs/etc/nv_tegra_release', note);
    tree.write('Linux_for_Tegra/rootfs/etc/nv/nvfirstboot', '');
    if (setup) {
      mkdirSync(join(tree.rootfs, 'etc/systemd/system'), { recursive: true });
      symlinkSync(shapes[release].setup, join(tree.rootfs, 'etc/systemd/system/default.target'));
    }
    return tree;
  }

  /** A board takes in its module, and layouts are files of their own. */
  #boardsOf6(): void {
    for (const ending of ['', '_rootfs_ab']) {
      this.write(`Linux_for_Tegra/tools/kernel_flash/flash_l4t_t234_nvme${ending}.xml`, '');
    }
    this.#link('jetson-orin-nano-devkit', 'p3768-0000-p3767-0000-a0');
    this.conf('p3768-0000-p3767-0000-a0', `source "\${LDK_DIR}/p3767.conf.common";\nEMMC_CFG="x.xml";\n`);
    this.write('Linux_for_Tegra/p3767.conf.common', '# Module\nCHIPID=0x23;\n');
    // None has both, but a Thor's would be found by its chip.
    this.conf('jetson-agx-thor-devkit', 'CHIPID=0x26;\n');
  }

  /** A board's configuration names its disk and both layouts; Thor's first source has no path. */
  #boardsOf7(): void {
    symlinkSync('tools/kernel_flash/l4t_initrd_flash.sh', join(this.l4t, 'l4t_initrd_flash.sh'));
    for (const name of ['flash_l4t_nvme', 'flash_l4t_t264_nvme']) {
      for (const ending of ['', '_rootfs_ab']) {
        this.write(`Linux_for_Tegra/tools/kernel_flash/${name}${ending}.xml`, '');
      }
    }
    const disk = (layout: string) => `EXTERNAL_DEVICE="nvme0n1p1";
EXTERNAL_PT_LAYOUT="tools/kernel_flash/${layout}.xml";
if [[ "\${ROOTFS_AB}" == 1 && "\${ROOTFS_ENC}" == "" ]]; then
\tEXTERNAL_PT_LAYOUT="tools/kernel_flash/${layout}_rootfs_ab.xml"
fi;
`;
    this.#link('jetson-orin-nano-devkit', 'p3768-0000-p3767-0000-a0');
    this.conf(
      'p3768-0000-p3767-0000-a0',
      `source "\${LDK_DIR}/p3767.conf.common";\n${disk('flash_l4t_nvme')}`,
    );
    this.write('Linux_for_Tegra/p3767.conf.common', 'ODMDATA="x";\nCHIPID=0x23;\n');
    this.#link('jetson-agx-orin-devkit', 'p3737-0000-p3701-0000');
    this.conf(
      'p3737-0000-p3701-0000',
      `source "\${LDK_DIR}/p3701.conf.common";\nEMMC_CFG="flash_t234_qspi_sdmmc.xml";\n`,
    );
    this.write('Linux_for_Tegra/p3701.conf.common', 'CHIPID=0x23;\n');
    this.#link('jetson-agx-thor-devkit', 'p3834-0008-p4071-0000-nvme');
    this.conf(
      'p3834-0008-p4071-0000-nvme',
      `source "\${LDK_DIR}/t264.conf.common";\n${disk('flash_l4t_t264_nvme')}`,
    );
    this.write('Linux_for_Tegra/t264.conf.common', 'source "nv_public_common_board.conf"\nCHIPID=0x26;\n');
    this.conf('nv_public_common_board', '# nothing\n');
  }

  conf(name: string, text: string): void {
    this.write(`Linux_for_Tegra/${name}.conf`, text);
  }

  #link(name: string, to: string): void {
    symlinkSync(`${to}.conf`, join(this.l4t, `${name}.conf`));
  }

  #tool(path: string, text: string): void {
    this.write(`Linux_for_Tegra/${path}`, text, 0o755);
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
