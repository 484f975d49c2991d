import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MissingError } from '../src/base/index.ts';
import { installRemedy } from '../src/platform/index.ts';
import { buildCommand, compilesAddons } from './build-command.ts';

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
  /** Reader: how many bytes of them wait at most; default: no limit. With `identities` the participant with the most gives way. */
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

interface Part {
  readonly file: string;
  /** In the build's report. */
  readonly item: string;
  readonly product: string;
  /** Of Debian: to build the addon, and to run the one that came compiled. */
  readonly packages: string;
  readonly library: string;
}

const parts: Readonly<Record<Middleware, Part>> = {
  cyclone: {
    file: 'goshawk_dds.node',
    item: 'dds',
    product: 'Cyclone DDS',
    packages: 'cyclonedds-dev',
    library: 'libddsc0t64',
  },
  fastdds: {
    file: 'goshawk_fastdds.node',
    item: 'fastdds',
    product: 'Fast DDS',
    packages: 'libfastdds-dev',
    library: 'libfastdds3.1',
  },
};

const candidates = ['build', '../../native/build'].map((folder) => path.join(import.meta.dirname, folder));
const fileOf = ({ file }: Part) =>
  candidates.map((folder) => path.join(folder, 'out', file)).find((each) => existsSync(each));

const loaded = new Map<Middleware, DdsAddon>();

/** True where the addon was built; whether it loads is another question. */
export function ddsBuilt(middleware: Middleware = 'cyclone'): boolean {
  return fileOf(parts[middleware]) !== undefined;
}

/** Throws a MissingError that says why ROS 2 can't be reached from here and what to install. */
export function loadDds(middleware: Middleware = 'cyclone'): DdsAddon {
  const known = loaded.get(middleware);
  if (known !== undefined) return known;
  const part = parts[middleware];
  const found = fileOf(part);
  if (found === undefined) throw notBuilt(part);
  try {
    const addon = createRequire(import.meta.url)(found) as DdsAddon;
    loaded.set(middleware, addon);
    return addon;
  } catch (cause) {
    throw new MissingError(
      'dds-load',
      `The addon for ROS 2 over ${part.product} does not load: ${cause instanceof Error ? cause.message : String(cause)}`,
      compilesAddons()
        ? `Install ${part.product} (Debian 13: sudo apt-get install ${part.packages}) and build again: ${buildCommand()}`
        : `${part.product} must be there in the version that it names, which is Debian 13's. ${installRemedy(part.library)}`,
      { cause },
    );
  }
}

function notBuilt({ item: part, product, packages }: Part): MissingError {
  let detail = 'it has not been built on this machine';
  let remedy = `On Debian 13: sudo apt-get install ${packages} g++ make python3. Then run ${buildCommand()}.`;
  for (const folder of candidates) {
    try {
      const report = JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8')) as {
        items?: { name: string; detail: string; remedy: string }[];
      };
      const item = report.items?.find(({ name }) => name === part);
      if (item === undefined || item.remedy === '') continue;
      detail = item.detail;
      remedy = `${item.remedy} Then run ${buildCommand()}.`;
    } catch {
      // No report: the sentence above is all there is to say.
    }
  }
  return new MissingError(
    'dds-not-built',
    `ROS 2 can't be reached over ${product} without its addon: ${detail}.`,
    remedy,
  );
}
