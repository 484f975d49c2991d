/** Red, green, blue, 0..255, as seen in white light. */
export type Colour = readonly [number, number, number];
