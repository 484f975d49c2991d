/** A kind of board that an image is made for. */
export interface Board {
  readonly name: string;
  /** Debian's name of its processor. */
  readonly architecture: 'amd64' | 'arm64';
  /** Debian's package of the kernel. */
  readonly kernel: string;
  /** Debian's packages with the boot loader as Debian signed it; only its files are taken. */
  readonly loaderPackages: readonly string[];
  /** On the EFI system partition <- file of those packages. */
  readonly loaderFiles: Readonly<Record<string, string>>;
  /** Consoles of the kernel; the last one is the system's. */
  readonly console: string;
}

const generic = (architecture: Board['architecture'], efi: 'x64' | 'aa64', serial: string): Board => ({
  name: `generic-${architecture}`,
  architecture,
  kernel: `linux-image-${architecture}`,
  loaderPackages: ['shim-signed', `grub-efi-${architecture}-signed`],
  loaderFiles: {
    // Where firmware looks on a disk that it does not know.
    [`EFI/BOOT/BOOT${efi.toUpperCase()}.EFI`]: `usr/lib/shim/shim${efi}.efi.signed`,
    [`EFI/BOOT/grub${efi}.efi`]: `usr/lib/grub/${architecture === 'amd64' ? 'x86_64' : 'arm64'}-efi-signed/grub${efi}.efi.signed`,
  },
  console: `console=tty0 console=${serial},115200`,
});

export const boards: readonly Board[] = [
  generic('amd64', 'x64', 'ttyS0'),
  generic('arm64', 'aa64', 'ttyAMA0'),
];

export const boardNames: readonly string[] = boards.map(({ name }) => name);

export function boardOf(name: string): Board | undefined {
  return boards.find((board) => board.name === name);
}

/** What RAUC compares before it installs an update. */
export const compatibleOf = ({ name }: Pick<Board, 'name'>): string => `goshawk-${name}`;
