import { parameterSets } from './parameter-sets.ts';

/** What pictures are compressed by; perception has the same names. */
type StreamCodec = 'h264' | 'h265' | 'jpeg';

/** One picture of the stream. */
export interface StreamUnit {
  readonly codec: StreamCodec;
  /** Of 90,000 a second, 33 bits of them: it begins anew once a day. */
  readonly ticks: number;
  readonly keyframe: boolean;
  readonly parameters: string;
  readonly bytes: Uint8Array;
}

const packetBytes = 188;
/** No picture of a camera is larger. */
const mostUnitBytes = 32 << 20;
const codecs: Readonly<Record<number, StreamCodec>> = { 27: 'h264', 36: 'h265', 6: 'jpeg' };

interface Unit {
  readonly ticks: number;
  readonly keyframe: boolean;
  readonly packets: Buffer[];
  bytes: number;
}

/**
 * Cuts an MPEG transport stream (ISO 13818-1) with one video stream, as ffmpeg and GStreamer write it, into its pictures. Nothing is
 * decoded and nothing rewritten: pictures one after the other are a transport stream again.
 */
export class TransportStream {
  readonly #onUnit: (unit: StreamUnit) => void;
  #rest: Buffer = Buffer.alloc(0);
  #tables = new Map<number, Buffer>();
  #programPid: number | undefined;
  #videoPid: number | undefined;
  #codec: StreamCodec | undefined;
  #unit: Unit | undefined;
  #parameters = '';

  constructor(onUnit: (unit: StreamUnit) => void) {
    this.#onUnit = onUnit;
  }

  push(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (data.length - at >= packetBytes) {
      if (data[at] !== 0x47) {
        at += 1;
        continue;
      }
      this.#packet(data.subarray(at, at + packetBytes));
      at += packetBytes;
    }
    this.#rest = Buffer.from(data.subarray(at));
  }

  /** The stream is over: its last picture is whole, or as whole as it will be. */
  end(): void {
    this.#finish();
  }

  #packet(packet: Buffer): void {
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const begins = (packet[1]! & 0x40) !== 0;
    const extra = (packet[3]! & 0x20) === 0 ? 0 : packet[4]! + 1;
    const payload = (packet[3]! & 0x10) === 0 ? Buffer.alloc(0) : packet.subarray(4 + extra);
    if (pid === 0 || pid === this.#programPid) {
      this.#tables.set(pid, Buffer.from(packet));
      if (begins) this.#table(pid, payload);
      return;
    }
    if (pid !== this.#videoPid) return;
    if (begins) {
      this.#finish();
      const ticks = pictureTicks(payload);
      if (ticks === undefined) return;
      const keyframe = extra > 1 && (packet[5]! & 0x40) !== 0;
      this.#unit = { ticks, keyframe, packets: [], bytes: 0 };
    }
    const unit = this.#unit;
    if (unit === undefined) return;
    unit.packets.push(packet);
    unit.bytes += packetBytes;
    if (unit.bytes > mostUnitBytes) this.#unit = undefined;
  }

  /** Of the first program its first stream: there is one of each. */
  #table(pid: number, payload: Buffer): void {
    const section = payload.subarray(1 + (payload[0] ?? 0));
    if (section.length < 12) return;
    if (pid === 0) {
      this.#programPid = section.readUInt16BE(10) & 0x1fff;
      return;
    }
    const at = 12 + (section.readUInt16BE(10) & 0xfff);
    if (at + 3 > section.length) return;
    this.#codec = codecs[section[at]!];
    this.#videoPid = section.readUInt16BE(at + 1) & 0x1fff;
  }

  #finish(): void {
    const unit = this.#unit;
    const codec = this.#codec;
    this.#unit = undefined;
    if (unit === undefined || codec === undefined) return;
    const { ticks, keyframe, packets } = unit;
    if (codec === 'jpeg') {
      const bytes = elementary(packets);
      // Anything else may be private as well.
      if (bytes[0] === 0xff && bytes[1] === 0xd8)
        this.#onUnit({ codec, ticks, keyframe: true, parameters: '', bytes });
      return;
    }
    if (keyframe)
      this.#parameters = parameterSets(elementary(packets.slice(0, 64)), codec) || this.#parameters;
    const tables = keyframe ? [...this.#tables.values()] : [];
    this.#onUnit({
      ...{ codec, ticks, keyframe, parameters: this.#parameters },
      bytes: Buffer.concat([...tables, ...packets]),
    });
  }
}

/** When the picture is shown; undefined for what does not begin as one. */
function pictureTicks(payload: Buffer): number | undefined {
  if (payload.length < 14 || payload.readUIntBE(0, 3) !== 1 || (payload[7]! & 0x80) === 0) return undefined;
  const high = (payload[9]! >> 1) & 7;
  return high * 2 ** 30 + (payload.readUInt16BE(10) >> 1) * 2 ** 15 + (payload.readUInt16BE(12) >> 1);
}

/** What is carried, without what carries it. */
function elementary(packets: readonly Buffer[]): Buffer {
  const payloads = packets.map((packet) => {
    const extra = (packet[3]! & 0x20) === 0 ? 0 : packet[4]! + 1;
    return (packet[3]! & 0x10) === 0 ? Buffer.alloc(0) : packet.subarray(4 + extra);
  });
  const whole = Buffer.concat(payloads);
  return whole.subarray(Math.min(whole.length, 9 + (whole[8] ?? 0)));
}
