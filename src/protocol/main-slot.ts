/** The slot that every device has. */
export const mainSlot = 'main';

/** Of one device, beside `main`. */
export const maxSlots = 16;
