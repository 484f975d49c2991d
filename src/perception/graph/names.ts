/** Name of one of the models of a device. */
export type SlotName = string;

/** The one that every device has. */
export const mainSlot = 'main';

/** The node of a camera without a graph of its own. */
export const mainNode = 'detect';

/** Names of slots and of nodes. */
export const namePattern = /^[a-z][a-z0-9-]{0,31}$/;
