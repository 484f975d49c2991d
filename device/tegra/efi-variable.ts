import type { SlotStatus } from './facts.ts';

/* What efivarfs shows: four bytes of attributes, then the value, little endian. */

const attributeBytes = 4;
const unbootable = 0xff;
/** Of OsIndications: look for a capsule at the next boot. */
const processCapsule = 0x04;

/** The value as a number, of its first four bytes; undefined where there is none. */
export function efiNumber(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined || bytes.length <= attributeBytes) return undefined;
  let value = 0;
  for (const [index, byte] of bytes.subarray(attributeBytes, attributeBytes + 4).entries()) {
    value += byte * 2 ** (8 * index);
  }
  return value;
}

/** Of RootfsStatusSlotA or B. */
export function slotStatus(bytes: Uint8Array | undefined): SlotStatus {
  if (bytes === undefined) return 'absent';
  if (bytes.length !== 8) return 'malformed';
  const value = efiNumber(bytes);
  if (value === 0) return 'normal';
  return value === unbootable ? 'unbootable' : 'unknown';
}

export function asksForCapsule(osIndications: Uint8Array | undefined): boolean {
  return ((efiNumber(osIndications) ?? 0) & processCapsule) !== 0;
}
