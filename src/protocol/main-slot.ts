/** The slot that every device has, and that is meant where none is named. */
export const mainSlot = 'main';

/** That the fleet orders of one device. */
export const maxSlots = 16;
