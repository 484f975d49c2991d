import { describe, expect, it } from 'vitest';
import { droppedDatagrams, SocketDrops, socketBufferWarning } from '../../../../src/ros2/index.ts';

const snmp = (dropped: number) =>
  [
    'Tcp: RtoAlgorithm RtoMin',
    'Tcp: 1 200',
    'Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors',
    `Udp: 1082680 346834 62378 1492537 ${dropped} 7`,
    'UdpLite: InDatagrams RcvbufErrors',
    'UdpLite: 1 2',
  ].join('\n');

describe('What a socket holds', () => {
  it('is too little for large pictures below 8 MiB, and the two commands are said', () => {
    const warning = socketBufferWarning('212992');
    expect(warning).toContain('The kernel lets a socket hold 212992 bytes');
    expect(warning).toContain('sudo sysctl -w net.core.rmem_max=33554432');
    expect(warning).toContain('sudo sysctl -w net.core.wmem_max=33554432');
    expect(socketBufferWarning(String(32 << 20))).toBeUndefined();
    expect(socketBufferWarning(undefined)).toBeUndefined();
  });
});

describe('Datagrams that the kernel dropped', () => {
  it.each<[string, string | undefined, number | undefined]>([
    ['are counted in a line of /proc/net/snmp', snmp(62_371), 62_371],
    ['are not known without the file', undefined, undefined],
    ['are not known of an older kernel', 'Udp: InDatagrams\nUdp: 12', undefined],
    ['are not known of another text', 'Udp: RcvbufErrors', undefined],
  ])('%s', (_, text, expected) => {
    expect(droppedDatagrams(text)).toBe(expected);
  });

  it('are the cause while there are more of them, and not for ever after', () => {
    let text: string | undefined = snmp(5);
    const drops = new SocketDrops(() => text);
    expect(drops.cause()).toBeUndefined();
    text = snmp(17);
    expect(drops.cause()).toContain('the kernel dropped 12 datagrams because a socket was full');
    expect(drops.cause()).toBeUndefined();
    text = undefined;
    expect(drops.cause()).toBeUndefined();
    text = snmp(18);
    expect(drops.cause()).toContain('dropped 1 datagrams');
  });
});
