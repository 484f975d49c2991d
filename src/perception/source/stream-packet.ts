export type StreamCodec = 'h264' | 'h265' | 'jpeg';

/** One picture of a camera as it came: compressed, with what a decoder needs to begin with it where it is a keyframe. */
export interface StreamPacket {
  readonly codec: StreamCodec;
  /** jpeg: the picture. h264, h265: its packets of an MPEG transport stream, of a keyframe behind the tables of the stream. */
  readonly bytes: Uint8Array;
  /** When it is shown, by the stream's own clock, which begins anywhere. */
  readonly timeNs: bigint;
  readonly keyframe: boolean;
  /** Of a keyframe: what the pictures behind it are decoded with. Where it differs, size or profile do. */
  readonly parameters: string;
}

/** Takes what one connection of a camera sends. */
export interface PacketTaker {
  /** In the order in which they are decoded. */
  packet(packet: StreamPacket): void;
  /** A frame was decoded and got its stamp: how the clock of the stream lies to ours. */
  frame(timeNs: bigint, stampNs: bigint): void;
}

/** Asked for a taker once per connection. */
export type PacketReceiver = () => PacketTaker;
