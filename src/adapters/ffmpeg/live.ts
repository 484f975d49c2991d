import { type Clock, defined, type GoshawkError } from '../../base/index.ts';
import {
  cameraLost,
  checkCameraSize,
  type FrameReceiver,
  type FrameSource,
  type PacketReceiver,
  type PacketTaker,
  type SourceCounts,
  StreamClock,
} from '../../perception/index.ts';
import { StreamTimes, TransportStream } from '../../platform/index.ts';
import { type DecodedFrame, Decoding } from './decoding.ts';
import { explainWords } from './explain-words.ts';
import { missingFfmpeg } from './probe.ts';
import { type FfmpegProgram, ffmpegProgram } from './program.ts';

export interface FfmpegOptions {
  readonly camera: string;
  /** Default `<camera>_optical`. */
  readonly frameId?: string;
  readonly clock: Clock;
  /** `rtsp://`, `rtsps://`, `http://` or `https://`, with credentials where they are needed. */
  readonly url: URL;
  /** How messages call it: without credentials. */
  readonly where: string;
  /** Takes what is secret out of a text of ffmpeg's. */
  readonly redact: (text: string) => string;
  /** Default `tcp`. */
  readonly transport?: 'tcp' | 'udp';
  readonly keyFramesOnly?: boolean;
  /** Take the certificate of an rtsps or https camera as it comes. */
  readonly unverified?: boolean;
  /** Time to the first picture; default 10,000 ms. */
  readonly connectMs?: number;
  /** Takes the stream as it came, beside its pictures. */
  readonly packets?: PacketReceiver;
  /** Where it is not on the PATH. */
  readonly ffmpeg?: string;
}

/**
 * `FrameSource` of one connection to a network camera, decoded by an ffmpeg of its own, as nv12. `open` resolves with the
 * first picture and rejects with what ffmpeg said; when the connection is over it is told as `lost`.
 *
 * Credentials stand in no argument, where every user of the machine could read them: ffmpeg gets its input on a pipe.
 */
export class FfmpegFrameSource implements FrameSource {
  readonly camera: string;
  readonly #options: FfmpegOptions;
  readonly #streamClock = new StreamClock();
  readonly #stop = new AbortController();
  #decoding: Decoding | undefined;
  #packets: PacketTaker | undefined;
  #running: Promise<void> = Promise.resolve();
  #endStream = () => {};

  constructor(options: FfmpegOptions) {
    this.camera = options.camera;
    this.#options = options;
  }

  inputCounts(): SourceCounts {
    return { decodeErrors: this.#decoding?.shown.decodeErrors ?? 0 };
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const { where, ffmpeg, clock, connectMs = 10_000 } = this.#options;
    const { signal } = this.#stop;
    const program = await ffmpegProgram(ffmpeg);
    if (signal.aborted) return;
    const decoding = this.#spawn(program);
    this.#decoding = decoding;
    let late = false;
    const cancel = clock.after(connectMs, () => {
      late = true;
      void decoding.stop();
    });
    const frames = decoding.frames(checkSizes(where, program.ownSizes.length > 0));
    try {
      const first = await frames.next();
      if (signal.aborted) return;
      if (first.done === true) throw await this.#why(decoding, late ? connectMs : undefined);
      this.#running = this.#play(first.value, frames, decoding, receiver);
    } catch (error) {
      await decoding.stop();
      throw error;
    } finally {
      cancel();
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#decoding?.stop();
    this.#endStream();
    await this.#running;
  }

  async #play(
    first: DecodedFrame,
    rest: AsyncGenerator<DecodedFrame>,
    decoding: Decoding,
    receiver: FrameReceiver,
  ): Promise<void> {
    const { where } = this.#options;
    const { signal } = this.#stop;
    let sequence = 0;
    const hand = (frame: DecodedFrame) => {
      this.#hand(frame, sequence, receiver);
      sequence += 1;
    };
    try {
      hand(first);
      for await (const frame of rest) {
        if (signal.aborted) frame.pixels.release();
        else hand(frame);
      }
      const why = await this.#why(decoding);
      if (!signal.aborted) receiver.lost?.(why);
    } catch (error) {
      await decoding.stop();
      if (!signal.aborted)
        receiver.lost?.(cameraLost(where, error instanceof Error ? error.message : 'it could not be read'));
    }
  }

  #hand({ width, height, pixels, timeNs }: DecodedFrame, sequence: number, receiver: FrameReceiver): void {
    const { clock, frameId = `${this.camera}_optical` } = this.#options;
    const stampNs = this.#streamClock.stampOf(timeNs, clock.wallNs());
    if (timeNs !== undefined) this.#packets?.frame(timeNs, stampNs);
    void receiver.frame({
      ...{ camera: this.camera, sequence, frameId, width, height, step: width, pixels },
      encoding: 'nv12',
      stampNs,
    });
  }

  #onStream(): ((piece: Buffer) => void) | undefined {
    const { packets } = this.#options;
    if (packets === undefined) return undefined;
    const taker = packets();
    this.#packets = taker;
    const times = new StreamTimes();
    const stream = new TransportStream(({ ticks, ...unit }) =>
      taker.packet({ ...unit, timeNs: times.timeNs(ticks) }),
    );
    this.#endStream = () => stream.end();
    return (piece) => {
      if (!this.#stop.signal.aborted) stream.push(piece);
    };
  }

  async #why(decoding: Decoding, tooLateMs?: number): Promise<GoshawkError> {
    await decoding.closed;
    this.#endStream();
    if (decoding.spawnError !== undefined) return missingFfmpeg(decoding.spawnError);
    const { where, url, redact } = this.#options;
    const said = redact(decoding.shown.words);
    const why = explainWords(said, where, url.username !== '');
    if (why !== undefined) return why;
    if (tooLateMs !== undefined)
      return cameraLost(where, `it answers and gave no picture within ${tooLateMs / 1000} s`);
    const last = said.trim().split('\n').at(-1) ?? '';
    return cameraLost(where, last === '' ? 'the connection has ended' : last);
  }

  #spawn(program: FfmpegProgram): Decoding {
    const { url, transport = 'tcp', keyFramesOnly = false, unverified = false } = this.#options;
    const isRtsp = url.protocol.startsWith('rtsp');
    const input = new URL(url);
    // Old ones take no options in a list, and read the transport from the address; new ones do not.
    if (isRtsp && !program.listOptions) input.search += `${input.search === '' ? '' : '&'}${transport}`;
    const secure = url.protocol === 'rtsps:' || url.protocol === 'https:';
    const listed = [
      // Half a second of pictures says what is in a stream of one codec.
      ...['probesize 500000', 'analyzeduration 500000'],
      ...(isRtsp ? [`rtsp_transport ${transport}`] : []),
      ...(secure ? [`tls_verify ${unverified ? 0 : 1}`, 'ca_file /etc/ssl/certs/ca-certificates.crt'] : []),
    ];
    const list = [
      'ffconcat version 1.0',
      `file '${input.href.replaceAll("'", '%27')}'`,
      ...(program.listOptions ? listed.map((option) => `option ${option}`) : []),
    ];
    return new Decoding(program.path, {
      ...defined({ onStream: this.#onStream() }),
      input: [
        ...['-protocol_whitelist', 'file,pipe,fd,tcp,udp,rtp,rtsp,tls,http,https,crypto'],
        // Slices are decoded side by side without waiting for later pictures, as whole pictures would be.
        ...['-flags', 'low_delay', '-thread_type', 'slice'],
        ...(keyFramesOnly ? ['-skip_frame', 'nokey'] : []),
        ...['-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
      ],
      output: [...program.passthrough, ...program.ownSizes],
      filters: ['crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0'],
      encoding: 'nv12',
      text: `${list.join('\n')}\n`,
    });
  }
}

/** An old ffmpeg scales what changes its size behind the filter that tells sizes. */
function checkSizes(where: string, mayChange: boolean): (width: number, height: number) => void {
  let first: string | undefined;
  return (width, height) => {
    checkCameraSize(where, width, height);
    const size = `${width}x${height}`;
    first ??= size;
    if (!mayChange && size !== first) throw new RangeError(`its pictures are ${size} now`);
  };
}
