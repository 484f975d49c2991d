import { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

/** bond/msg/Status. */
export interface BondStatus {
  readonly header: Header;
  readonly id: string;
  /** Which of the two sides. */
  readonly instanceId: string;
  readonly active: boolean;
  /** Seconds. */
  readonly heartbeatTimeout: number;
  readonly heartbeatPeriod: number;
}

export function writeBondStatus(writer: CdrWriter, status: BondStatus): Uint8Array {
  writer.reset();
  writeHeader(writer, status.header);
  writer.string(status.id);
  writer.string(status.instanceId);
  writer.boolean(status.active);
  writer.float32(status.heartbeatTimeout);
  writer.float32(status.heartbeatPeriod);
  return writer.finish();
}

export function readBondStatus(bytes: Uint8Array): BondStatus {
  const reader = new CdrReader(bytes, 'bond/msg/Status');
  return {
    header: readHeader(reader),
    id: reader.string('id'),
    instanceId: reader.string('instance_id'),
    active: reader.boolean('active'),
    heartbeatTimeout: reader.float32('heartbeat_timeout'),
    heartbeatPeriod: reader.float32('heartbeat_period'),
  };
}
