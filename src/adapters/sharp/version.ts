import sharp from 'sharp';

export function sharpVersions(): { readonly sharp: string; readonly libvips: string } {
  return { sharp: sharp.versions.sharp ?? '', libvips: sharp.versions.vips };
}
