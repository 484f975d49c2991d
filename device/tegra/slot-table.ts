import type { Slot, SlotTable } from './facts.ts';

const byNumber: Readonly<Record<string, Slot>> = { 0: 'A', 1: 'B', A: 'A', B: 'B' };

/** Reads what `nvbootctrl dump-slots-info` prints; undefined where it names no slot. */
export function parseSlotTable(text: string): SlotTable | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const value = (name: RegExp) =>
    lines.map((line) => name.exec(line)?.[1]?.trim()).find((found) => found !== undefined);
  const entries = lines.flatMap((line) => {
    const [, number = '', rest = ''] = /^slot:\s*(\d+)\s*,(.*)$/.exec(line) ?? [];
    const slot = byNumber[number];
    if (slot === undefined) return [];
    const retries = /retry_count:\s*(\d+)/.exec(rest)?.[1];
    return [
      {
        slot,
        status: /status:\s*(\S+)/.exec(rest)?.[1] ?? '',
        retryCount: retries === undefined ? undefined : Number(retries),
      },
    ];
  });
  if (entries.length === 0) return undefined;
  return {
    current: byNumber[value(/^Current (?:bootloader|rootfs) slot:\s*(\S+)/i) ?? ''],
    active: byNumber[value(/^Active (?:bootloader|rootfs) slot:\s*(\S+)/i) ?? ''],
    version: value(/^Current version:\s*(\S+)/i),
    entries,
  };
}
