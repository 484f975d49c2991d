/** An H.264 stream whose every picture stands alone. */
export interface RtspStream {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Three bytes of the sequence parameters in hexadecimal digits, as SDP has them. */
  readonly profileLevel: string;
  readonly sps: Uint8Array;
  readonly pps: Uint8Array;
  /** One NAL unit each, which fits into a packet. */
  readonly pictures: readonly Uint8Array[];
}

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

/** Left black, right white; made with libx264, constrained baseline, every picture an IDR picture. */
export const testStream: RtspStream = {
  width: 64,
  height: 64,
  fps: 10,
  profileLevel: '42c00a',
  sps: bytes('Z0LACtxCbARAAAADAEAAAAUDxIng'),
  pps: bytes('aM4PLIA='),
  pictures: [
    bytes('ZYiEBLyYoAA4oyfh//h6KAAK+nk6666666666668'),
    bytes('ZYiCAX///8PRQABV58n4f/4eigADWh5Ouuuuuuuuuuuv'),
  ],
};

const clockHz = 90_000;

/** What DESCRIBE answers. */
export function sessionDescription({ profileLevel, sps, pps }: RtspStream): string {
  const sets = [sps, pps].map((set) => Buffer.from(set).toString('base64')).join(',');
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=goshawk',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'a=control:*',
    'm=video 0 RTP/AVP 96',
    `a=rtpmap:96 H264/${clockHz}`,
    `a=fmtp:96 packetization-mode=1;profile-level-id=${profileLevel};sprop-parameter-sets=${sets}`,
    'a=control:track1',
    '',
  ].join('\r\n');
}

/** The RTP packets of one picture, each behind the four bytes that put it into the connection (RFC 2326, 10.12). */
export function interleavedPackets(stream: RtspStream, picture: number, firstSequence: number): Uint8Array {
  const units = [stream.sps, stream.pps, stream.pictures[picture % stream.pictures.length]!];
  const timestamp = Math.round((picture * clockHz) / stream.fps) >>> 0;
  return Buffer.concat(
    units.map((unit, index) => {
      const head = Buffer.alloc(16);
      head.write('$', 0, 'latin1');
      head.writeUInt16BE(12 + unit.length, 2);
      head[4] = 0x80;
      // The last packet of a picture has the marker.
      head[5] = index === units.length - 1 ? 0x80 | 96 : 96;
      head.writeUInt16BE((firstSequence + index) & 0xffff, 6);
      head.writeUInt32BE(timestamp, 8);
      head.writeUInt32BE(1, 12);
      return Buffer.concat([head, unit]);
    }),
  );
}

export const packetsOfPicture = 3;
