// Around: sharp

export { decodePicture, type Picture } from './decode.ts';
export { classColour, drawDetections, drawDetectionsRaw, overlaySvg } from './draw.ts';
export { encodePreview, type PreviewOptions } from './encode.ts';
export { decodeGrey16, type Grey16 } from './grey16.ts';
export { encodeHidden, hideBoxes } from './hide.ts';
export { jpegDecoderUrl } from './jpeg-url.ts';
export { jpegMiniature } from './miniature.ts';
export { sharpVersions } from './version.ts';
