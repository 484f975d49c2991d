/** Makers of a middleware by the first two octets of their guids (OMG DDSI-RTPS 2.2, 9.3.1.5 and its list of vendor ids). */
const vendors: Readonly<Record<number, string>> = {
  257: 'RTI Connext DDS',
  259: 'OpenDDS',
  266: 'RTI Connext Micro',
  271: 'Fast DDS',
  272: 'Cyclone DDS',
  273: 'GurumDDS',
  274: 'RustDDS',
  276: 'Dust DDS',
  // A discovery server of Fast DDS, whose guid is the letters DS.._EPROSIMA.
  17491: 'Fast DDS',
};

/** A node of somebody else, and the product that it speaks through. */
export interface Neighbour {
  /** With its namespace. */
  readonly node: string;
  readonly product: string;
}

/** The product by which the owner of this guid speaks; undefined for one that is not known. */
export function productOf(guid: Uint8Array): string | undefined {
  return vendors[vendorOf(guid)];
}

export const unknownProduct = 'an unknown middleware';

/** What the owner of this guid speaks, where it is not `ours`. One that names no maker is taken for ours. */
export function foreignProduct(guid: Uint8Array, ours: string): string | undefined {
  const product = productOf(guid) ?? (vendorOf(guid) === 0 ? ours : unknownProduct);
  return product === ours ? undefined : product;
}

function vendorOf([high = 0, low = 0]: Uint8Array): number {
  return high * 256 + low;
}
