/** Formats that are read. Everything else that the library knows (SVG, PDF, ...) is a program rather than a picture. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'gif';

/** By format: what a file begins with; undefined stands for any byte. */
const beginnings: readonly (readonly [PictureFormat, readonly (number | undefined)[]])[] = [
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['gif', [...ascii('GIF87a')]],
  ['gif', [...ascii('GIF89a')]],
  ['webp', [...ascii('RIFF'), undefined, undefined, undefined, undefined, ...ascii('WEBP')]],
  ['tiff', [...ascii('II'), 42, 0]],
  ['tiff', [...ascii('MM'), 0, 42]],
  // BigTIFF.
  ['tiff', [...ascii('II'), 43, 0]],
  ['tiff', [...ascii('MM'), 0, 43]],
];

/** What the first bytes of a file say that it is, whatever its name says. */
export function pictureFormat(bytes: Uint8Array): PictureFormat | undefined {
  const found = beginnings.find(([, begin]) =>
    begin.every((value, at) => value === undefined || bytes[at] === value),
  );
  // A byte that is any byte must be there too.
  return found !== undefined && bytes.length >= found[1].length ? found[0] : undefined;
}

function ascii(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}
