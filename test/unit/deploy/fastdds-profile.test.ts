import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** `name = 64 << 20` of C++. */
function constant(source: string, name: string): number {
  const [, base = '', shift = '0'] = new RegExp(`${name} = (\\d+)(?: << (\\d+))?;`).exec(source) ?? [];
  return Number(base) * 2 ** Number(shift);
}

it('The profile for cameras has the same room as Goshawk’s own participant', () => {
  const ours = read('native/src/dds/fastdds/transports.h');
  const profile = read('deploy/ros2/fastdds.xml');
  const said = (element: string) =>
    [...profile.matchAll(new RegExp(`<${element}>(\\d+)</${element}>`, 'g'))].map(([, number]) =>
      Number(number),
    );
  expect(said('segment_size')).toEqual([constant(ours, 'segment_bytes')]);
  expect(said('port_queue_capacity')).toEqual([constant(ours, 'waiting_fragments')]);
  expect(said('sendBufferSize')).toEqual([constant(ours, 'socket_bytes')]);
  expect(said('receiveBufferSize')).toEqual([constant(ours, 'socket_bytes')]);
});
