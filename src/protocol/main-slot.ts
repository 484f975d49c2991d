/** The slot that every device has, and that is meant where none is named. */
export const mainSlot = 'main';

/** The slot of the agent itself: what it is to run is a release of it, not a model. */
export const agentSlot = 'agent';

/** That the fleet orders of one device. */
export const maxSlots = 16;
