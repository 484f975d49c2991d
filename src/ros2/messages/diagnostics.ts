import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

/** Levels of diagnostic_msgs/msg/DiagnosticStatus. */
export const diagnosticLevels = { ok: 0, warn: 1, error: 2, stale: 3 } as const;

export interface DiagnosticStatus {
  readonly level: number;
  readonly name: string;
  readonly message: string;
  readonly hardwareId: string;
  readonly values: Readonly<Record<string, string>>;
}

/** diagnostic_msgs/msg/DiagnosticArray. */
export function writeDiagnostics(
  writer: CdrWriter,
  header: Header,
  statuses: readonly DiagnosticStatus[],
): Uint8Array {
  writer.reset();
  writeHeader(writer, header);
  writer.uint32(statuses.length);
  for (const { level, name, message, hardwareId, values } of statuses) {
    writer.uint8(level);
    writer.string(name);
    writer.string(message);
    writer.string(hardwareId);
    const entries = Object.entries(values);
    writer.uint32(entries.length);
    for (const [key, value] of entries) {
      writer.string(key);
      writer.string(value);
    }
  }
  return writer.finish();
}

export function readDiagnostics(
  bytes: Uint8Array,
  limits: CdrLimits = defaultCdrLimits,
): { readonly header: Header; readonly statuses: readonly DiagnosticStatus[] } {
  const reader = new CdrReader(bytes, 'diagnostic_msgs/msg/DiagnosticArray', limits);
  const header = readHeader(reader);
  const statuses: DiagnosticStatus[] = [];
  const count = reader.sequence('status', 17);
  for (let index = 0; index < count; index += 1) {
    const level = reader.uint8('level');
    const name = reader.string('name');
    const message = reader.string('message');
    const hardwareId = reader.string('hardware_id');
    const values: [string, string][] = [];
    const pairs = reader.sequence('values', 8);
    for (let pair = 0; pair < pairs; pair += 1) values.push([reader.string('key'), reader.string('value')]);
    statuses.push({ level, name, message, hardwareId, values: Object.fromEntries(values) });
  }
  return { header, statuses };
}
