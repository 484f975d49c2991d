import { MissingError } from '../src/base/index.ts';
import { installRemedy, placeOf } from '../src/platform/index.ts';
import { type AddonName, absentLibrary, addonFiles, loadFirst } from './addon-file.ts';
import { buildReport } from './build-report.ts';
import { buildCommand, compilesInPlace } from './installation.ts';

/** Each has an addon of its own with one interface. */
export type Middleware = 'cyclone' | 'fastdds';

export interface DdsEndpointOptions {
  /** Names as on the wire: `rt/...` and `pkg::msg::dds_::Type_`. */
  readonly topic: string;
  readonly type: string;
  readonly userData: string;
  readonly reliability: 'reliable' | 'best_effort';
  readonly durability: 'volatile' | 'transient_local';
  readonly depth: number;
  /** Reader: the largest message that is taken, bytes; 0 for a writer. */
  readonly maxBytes: number;
  /** Reader: large messages stay in the pieces in which they came until `gather`. */
  readonly inPieces?: boolean;
  /** Reader: messages come with `own` and `related`, where the middleware has them. */
  readonly identities?: boolean;
  /** Reader: messages that wait for `take`; the oldest give way, with `identities` those of the participant that has the most. */
  readonly queue: number;
  /**
   * Reader: how many bytes of them wait at most; default: no limit. With `identities` the participant with the most gives way. Writer over
   * Fast DDS: how many bytes of its last `depth` messages it keeps; Cyclone DDS has a bound of its own (WhcHigh).
   */
  readonly queueBytes?: number;
  /** Writer: how long `write` may wait for slow readers. */
  readonly maxBlockingMs: number;
  /** Writer: what it wrote counts no more once it is closed: the next writer of its topic does not wait for readers. */
  readonly leavesAtOnce?: boolean;
}

export interface DdsStatusEvent {
  /** `matched`: count peers now; `incompatible`: policy; `lost`: count messages since the start. */
  readonly kind: 'matched' | 'incompatible' | 'lost';
  readonly count: number;
  readonly policy: string;
}

/** A message that gave way to a newer one: its first 32 octets in memory of JavaScript, how large it was, and whose it is. */
export interface DdsGaveWay {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly own: Uint8Array;
  readonly related: Uint8Array;
}

export interface DdsTaken {
  /** Bytes lie in native memory and are valid until `release(id)`. */
  readonly samples: readonly {
    readonly id: number;
    readonly bytes: Uint8Array;
    /** Of a message in pieces: for native code. Only the first 16 kB of `bytes` are there before `gather(id)`. */
    readonly pieces?: object;
    /**
     * Who wrote it and as which one, and what it belongs to: 16 octets of a guid and 8 of a number, each. Cyclone DDS: `related` is
     * the client that its writer says it is of, and no numbers; zeros where that is not said.
     */
    readonly own?: Uint8Array;
    readonly related?: Uint8Array;
  }[];
  /** With `identities`: messages that gave way since the last `take`, the newest of them. */
  readonly gaveWay: readonly DdsGaveWay[];
  readonly events: readonly DdsStatusEvent[];
  /** Counts since the start: messages above `maxBytes`, the size of the last one, and messages that gave way. */
  readonly tooLarge: number;
  readonly largest: number;
  readonly superseded: number;
}

/** A writer or a reader of somebody, as discovery announces it. */
export interface DdsAnnounced {
  /** 16 octets. */
  readonly guid: Uint8Array;
  /** Names as on the wire. */
  readonly type: string;
  readonly userData: string;
}

export interface DdsParticipantHandle {
  /** 16 octets. */
  guid(): Uint8Array;
  /** Writers of a topic that are known now, `most` of them at most. */
  writersOf(topic: string, most: number): readonly DdsAnnounced[];
  /** Readers of a service's requests, by the topic of these (`rq/...`); of other topics none are known. */
  readersOf(topic: string, most: number): readonly DdsAnnounced[];
  /** Counts since the start: announcements of writers that were read, and those of them that are not kept. */
  announcements(): { readonly heard: number; readonly dropped: number };
  /**
   * Its readers and writers are to be closed too; the last one lets go of the participant. Waits a second at most for readers that
   * have not everything that closed writers wrote.
   */
  close(): void;
}

export interface DdsReaderHandle {
  guid(): Uint8Array;
  /** Null after `close`. */
  take(): DdsTaken | null;
  release(id: number): void;
  /** Puts a message in pieces together; of another one nothing. */
  gather(id: number): void;
  close(): void;
}

export interface DdsWriterHandle {
  guid(): Uint8Array;
  /** Encapsulation header and CDR; false: readers are too slow and it was not sent. `related`: 24 octets beside it. */
  write(bytes: Uint8Array, related?: Uint8Array): boolean;
  /** Whether what is written reaches this reader; Cyclone DDS: the reader of this client, or of zeros any reader. */
  reaches(reader: Uint8Array): boolean;
  /** Readers that are matched now. */
  matched(): number;
  take(): readonly DdsStatusEvent[];
  /**
   * What it wrote goes on to its readers, for a second at most. Who waits for that is `close` of the participant, and the next
   * writer of its topic.
   */
  close(): void;
}

/** What goshawk_dds.node and goshawk_fastdds.node export; `onNotice` is called when there is something to `take`. */
export interface DdsAddon {
  readonly DdsParticipant: new (options: {
    readonly domain: number;
    /**
     * Cyclone DDS: its XML, or fragments and file:// addresses by comma; empty: its own defaults. Fast DDS:
     * `range=LOCALHOST;peer=10.0.0.5`, whose XML is found by FASTDDS_DEFAULT_PROFILES_FILE.
     */
    readonly configuration: string;
    readonly userData: string;
  }) => DdsParticipantHandle;
  readonly DdsReader: new (
    participant: DdsParticipantHandle,
    options: DdsEndpointOptions,
    onNotice: () => void,
  ) => DdsReaderHandle;
  readonly DdsWriter: new (
    participant: DdsParticipantHandle,
    options: DdsEndpointOptions,
    onNotice: () => void,
  ) => DdsWriterHandle;
}

interface Part extends AddonName {
  readonly product: string;
  /** Of Debian 13: to build the addon. */
  readonly headers: string;
  /** Of Debian 13: to run the one that came compiled. */
  readonly library: string;
  /** What Debian 12 calls it, where that one fits too. */
  readonly debian12?: string;
  /** Of ROS 2, after `ros-$ROS_DISTRO-`. */
  readonly ros: string;
}

const parts: Readonly<Record<Middleware, Part>> = {
  cyclone: {
    file: 'goshawk_dds.node',
    item: 'dds',
    product: 'Cyclone DDS',
    headers: 'cyclonedds-dev',
    library: 'libddsc0t64',
    debian12: ' (Debian 12: libddsc0debian)',
    ros: 'cyclonedds',
  },
  fastdds: {
    file: 'goshawk_fastdds.node',
    item: 'fastdds',
    product: 'Fast DDS',
    headers: 'libfastdds-dev',
    library: 'libfastdds3.1',
    ros: 'fastrtps',
  },
};

const loaded = new Map<Middleware, DdsAddon>();

/** True where the addon was built; whether it loads is another question. */
export function ddsBuilt(middleware: Middleware = 'cyclone'): boolean {
  return ddsFile(middleware) !== undefined;
}

/** Where the addon is; undefined where it was not built. */
export function ddsFile(middleware: Middleware): string | undefined {
  return addonFiles(parts[middleware])[0];
}

/** Throws a MissingError that says why ROS 2 can't be reached from here and what to install. */
export function loadDds(middleware: Middleware = 'cyclone'): DdsAddon {
  const known = loaded.get(middleware);
  if (known !== undefined) return known;
  const part = parts[middleware];
  if (!ddsBuilt(middleware)) throw notBuilt(part);
  const { addon, problems, cause } = loadFirst<DdsAddon>(part);
  if (addon === undefined) throw doesNotLoad(part, problems, cause);
  loaded.set(middleware, addon);
  return addon;
}

function doesNotLoad(part: Part, problems: readonly string[], cause: unknown): MissingError {
  return new MissingError(
    problems.every(absentLibrary) ? 'dds-library-absent' : 'dds-load',
    `The addon for ROS 2 over ${part.product} does not load: ${problems.join('; ')}`,
    remedyOf(part),
    { cause },
  );
}

function remedyOf({ product, library, debian12, headers, ros }: Part): string {
  if (compilesInPlace())
    return `Install ${product} (Debian 13: sudo apt-get install ${headers}) and build again: ${buildCommand()}`;
  const version = `Its version must be the one that the message names, which is Debian 13's${debian12 ?? ''}. ${installRemedy(library)}`;
  return placeOf() === 'debian'
    ? `${version} Or compile the addon against ROS 2's: sudo apt-get install g++ ros-$ROS_DISTRO-${ros}, then ${buildCommand()}`
    : version;
}

function notBuilt({ item: name, product, headers }: Part): MissingError {
  const item = buildReport().find((each) => each.name === name);
  const remedy =
    item === undefined || item.remedy === ''
      ? `On Debian 13: sudo apt-get install ${headers} g++.`
      : item.remedy;
  return new MissingError(
    'dds-not-built',
    `ROS 2 can't be reached over ${product} without its addon: ${item?.detail ?? 'it has not been built on this machine'}.`,
    `${remedy} Then run ${buildCommand()}.`,
  );
}
