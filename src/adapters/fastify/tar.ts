/*
 * Just enough of POSIX ustar to stream a data set: plain files with short names. A tar needs no table at its end, so a
 * picture goes out as soon as its device sent it.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar Interchange Format)
 */
const blockBytes = 512;

/** Header, bytes and padding of one file. */
export function tarFile(name: string, bytes: Uint8Array, timeMs: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  if (Buffer.byteLength(name) > 100)
    throw new RangeError(`The name ${name.slice(0, 40)}… is too long for a tar.`);
  header.write(name, 0, 100, 'utf8');
  header.write('0000644\0', 100, 'ascii');
  header.write('0000000\0', 108, 'ascii');
  header.write('0000000\0', 116, 'ascii');
  header.write(octal(bytes.byteLength, 11), 124, 'ascii');
  header.write(octal(Math.max(0, Math.floor(timeMs / 1000)), 11), 136, 'ascii');
  // The sum is made with its own field full of spaces.
  header.write('        ', 148, 'ascii');
  header.write('0', 156, 'ascii');
  header.write('ustar\x0000', 257, 'ascii');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148, 'ascii');
  const padding = (blockBytes - (bytes.byteLength % blockBytes)) % blockBytes;
  return Buffer.concat([header, bytes, Buffer.alloc(padding)]);
}

/** Two empty blocks end it. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
}
