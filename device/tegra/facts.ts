/* What a Jetson says of how it boots. Nothing here decides; see src/runtime/doctor/ota. */

export const slots = ['A', 'B'] as const;
export type Slot = (typeof slots)[number];

/** `unknown`: a value that no release of L4T was seen to write. `malformed`: not the eight bytes that it must be. */
export type SlotStatus = 'normal' | 'unbootable' | 'unknown' | 'malformed' | 'absent';

/** One view of `nvbootctrl dump-slots-info`: of the boot chain, or with `-t rootfs` of the root file systems. */
export interface SlotTable {
  /** What the running system was booted from. */
  readonly current: Slot | undefined;
  /** What is booted next. */
  readonly active: Slot | undefined;
  /** Of the boot firmware; the root file systems have none. */
  readonly version: string | undefined;
  readonly entries: readonly {
    readonly slot: Slot;
    readonly status: string;
    readonly retryCount: number | undefined;
  }[];
}

/** EFI System Resource Table: what the firmware says of its last update. */
export interface EsrtFacts {
  readonly version: number | undefined;
  readonly lowestVersion: number | undefined;
  readonly lastAttemptVersion: number | undefined;
  /** 0: done, or never tried. */
  readonly lastAttemptStatus: number | undefined;
}

/** The EFI system partition. */
export interface EspFacts {
  /** Where it is mounted; undefined where it is there and not mounted. */
  readonly mountedAt: string | undefined;
  readonly fileSystem: string | undefined;
  readonly writable: boolean;
  readonly freeBytes: number | undefined;
  /** A capsule lies where the firmware looks for one. */
  readonly capsuleStaged: boolean;
}

export interface PowerSupply {
  readonly kind: 'mains' | 'battery';
  readonly online: boolean | undefined;
  readonly percent: number | undefined;
  readonly charging: boolean | undefined;
}

export interface DiskFacts {
  readonly path: string;
  readonly freeBytes: number | undefined;
}

export interface TegraFacts {
  /** `tegra234`, from the device tree; undefined on what is no Tegra. */
  readonly soc: string | undefined;
  /** `compatible` of the device tree, as it stands there. */
  readonly compatible: readonly string[];
  /** `36.4.3`; undefined where no L4T is installed. */
  readonly l4t: string | undefined;
  /** The kernel was started by UEFI. */
  readonly uefi: boolean;
  readonly nvbootctrl: boolean;
  /** Of the boot chain, and of the root file systems; or why not, in the program's own words. */
  readonly bootChain: SlotTable | string;
  readonly rootfs: SlotTable | string;
  /** The EFI variable RootfsRedundancyLevel: 1 is A/B. Undefined: it is not set. */
  readonly redundancyLevel: number | undefined;
  /** The EFI variables RootfsStatusSlotA and B. */
  readonly status: Readonly<Record<Slot, SlotStatus>>;
  /** A change of the boot chain that the next boot makes (BootChainFwNext). */
  readonly chainChangePending: boolean;
  /** OsIndications asks for a capsule at the next boot. */
  readonly capsuleArmed: boolean;
  readonly esrt: EsrtFacts | undefined;
  readonly esp: EspFacts | undefined;
  /** Bytes of the partitions APP and APP_b; undefined where there is none of that name. */
  readonly partitions: Readonly<Record<Slot, number | undefined>>;
  /** Whether the service that marks a boot as successful is set to run; undefined where there is no systemd. */
  readonly verifierEnabled: boolean | undefined;
  readonly power: readonly PowerSupply[];
  readonly disk: DiskFacts;
}
