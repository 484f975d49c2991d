/** Cells of a thumbnail. */
export const thumbnailWidth = 64;
export const thumbnailHeight = 36;
export const thumbnailCells = thumbnailWidth * thumbnailHeight;

/** `detail` is stored times this. */
export const detailScale = 2;

/** A narrower picture has no neighbours to compare a pixel with, and no thumbnail. */
export const leastThumbnailWidth = 3;
