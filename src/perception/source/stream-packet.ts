export type StreamCodec = 'h264' | 'h265' | 'jpeg';

/** One picture of a camera as it came: compressed, with what a decoder needs to begin with it where it is a keyframe. */
export interface StreamPacket {
  readonly codec: StreamCodec;
  /** jpeg: the picture. h264, h265: its packets of an MPEG transport stream, of a keyframe behind the tables of the stream. */
  readonly bytes: Uint8Array;
  /** As the frame that is decoded from it has. */
  readonly stampNs: bigint;
  readonly keyframe: boolean;
  /** Of a keyframe: what the pictures behind it are decoded with. Where it differs, size or profile do. */
  readonly parameters: string;
}

/** Asked for once per connection of a camera: takes the packets of that connection, in the order in which they are decoded. */
export type PacketReceiver = () => (packet: StreamPacket) => void;
