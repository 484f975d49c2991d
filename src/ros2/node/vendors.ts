/** Makers of a middleware by the first two octets of their guids (OMG DDSI-RTPS 2.2, 9.3.1.5 and its list of vendor ids). */
const vendors: Readonly<Record<number, string>> = {
  257: 'RTI Connext DDS',
  271: 'Fast DDS',
  272: 'Cyclone DDS',
  274: 'RustDDS',
  275: 'Dust DDS',
};

/** A node of somebody else, and the product that it speaks through. */
export interface Neighbour {
  /** With its namespace. */
  readonly node: string;
  readonly product: string;
}

/** The product by which the owner of this guid speaks; undefined for one that is not known. */
export function productOf(guid: Uint8Array): string | undefined {
  const [high = 0, low = 0] = guid;
  return vendors[high * 256 + low];
}
