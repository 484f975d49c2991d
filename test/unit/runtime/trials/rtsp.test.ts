import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRequest, RtspServer } from '../../../../src/runtime/trials/rtsp/server.ts';
import {
  interleavedPackets,
  packetsOfPicture,
  sessionDescription,
  testStream,
} from '../../../../src/runtime/trials/rtsp/stream.ts';

describe('The RTSP server of a selftest', () => {
  it('says what it plays', () => {
    const text = sessionDescription(testStream);
    expect(text).toContain('a=rtpmap:96 H264/90000\r\n');
    expect(text).toContain('sprop-parameter-sets=Z0LACtxCbARAAAADAEAAAAUDxIng,aM4PLIA=\r\n');
  });

  it('sends each picture as packets that count on, the last one marked', () => {
    const packets = Buffer.from(interleavedPackets(testStream, 3, 0xffff));
    const seen: object[] = [];
    for (let at = 0; at < packets.length; at += 4 + packets.readUInt16BE(at + 2)) {
      seen.push({
        sign: String.fromCharCode(packets[at]!),
        marked: (packets[at + 5]! & 0x80) !== 0,
        sequence: packets.readUInt16BE(at + 6),
        time: packets.readUInt32BE(at + 8),
      });
    }
    const time = 27_000;
    expect(seen).toEqual([
      { sign: '$', marked: false, sequence: 0xffff, time },
      { sign: '$', marked: false, sequence: 0, time },
      { sign: '$', marked: true, sequence: 1, time },
    ]);
    expect(seen).toHaveLength(packetsOfPicture);
  });

  it('reads requests in whatever pieces they come, and passes over what clients report', () => {
    const report = Buffer.from([0x24, 1, 0, 2, 9, 9]);
    const text = 'OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 7\r\n\r\n';
    const whole = Buffer.concat([report, Buffer.from(text), report, Buffer.from(text)]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (cut) => {
        const found: string[] = [];
        let buffered = Buffer.alloc(0);
        for (const piece of [whole.subarray(0, cut), whole.subarray(cut)]) {
          buffered = Buffer.concat([buffered, piece]);
          for (;;) {
            const { request, rest } = nextRequest(buffered);
            buffered = Buffer.from(rest);
            if (request === undefined) break;
            found.push(`${request.method} ${request.sequence}`);
          }
        }
        expect(found).toEqual(['OPTIONS 7', 'OPTIONS 7']);
        expect(buffered).toHaveLength(0);
      }),
    );
  });

  it('answers what it does not know, and ends with its clients', async () => {
    const server = await RtspServer.start(testStream);
    const socket = connect(server.port, '127.0.0.1');
    socket.write('RECORD rtsp://127.0.0.1/x RTSP/1.0\r\nCSeq: 2\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^RTSP\/1\.0 501 .*CSeq: 2/s);
    const closed = once(socket, 'close');
    await server.close();
    await closed;
  });
});
