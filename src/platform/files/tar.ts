import { InputError } from '../../base/index.ts';

/*
 * Just enough of POSIX ustar: plain files with short names. A tar needs no table at its end, so a file goes out as soon as its
 * size is known. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar Interchange Format)
 */
export const tarBlockBytes = 512;
const largest = 0o77777777777;

/** InputError `layout-size` for a name of more than 100 bytes, or a file of more than 8 GiB. */
export function tarHeader(name: string, size: number, timeMs = 0): Buffer {
  const header = Buffer.alloc(tarBlockBytes);
  if (Buffer.byteLength(name) > 100 || size > largest)
    throw new InputError(
      'layout-size',
      `${name} with ${size} bytes does not fit into a tar.`,
      'Use a registry.',
    );
  header.write(name, 0, 100, 'utf8');
  header.write('0000644\0', 100, 'ascii');
  header.write('0000000\0', 108, 'ascii');
  header.write('0000000\0', 116, 'ascii');
  header.write(octal(size, 11), 124, 'ascii');
  header.write(octal(Math.max(0, Math.floor(timeMs / 1000)), 11), 136, 'ascii');
  header.write('0', 156, 'ascii');
  header.write('ustar\x0000', 257, 'ascii');
  header.write(`${octal(tarSum(header), 6)} `, 148, 'ascii');
  return header;
}

/** The sum is made with its own field full of spaces. */
export function tarSum(header: Uint8Array): number {
  return header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** Behind a file of this size. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((tarBlockBytes - (size % tarBlockBytes)) % tarBlockBytes);
}

/** Two empty blocks end it. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * tarBlockBytes);
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
}
