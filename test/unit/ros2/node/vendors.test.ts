import { describe, expect, it } from 'vitest';
import { foreignProduct, productOf } from '../../../../src/ros2/index.ts';

const guid = (high: number, low: number) => Uint8Array.of(high, low, ...Array.from({ length: 14 }, () => 7));

describe('The maker of a middleware', () => {
  // https://www.dds-foundation.org/dds-rtps-vendor-and-product-ids/
  it.each([
    [guid(1, 1), 'RTI Connext DDS'],
    [guid(1, 3), 'OpenDDS'],
    [guid(1, 10), 'RTI Connext Micro'],
    [guid(1, 15), 'Fast DDS'],
    [guid(1, 16), 'Cyclone DDS'],
    [guid(1, 17), 'GurumDDS'],
    [guid(1, 18), 'RustDDS'],
    [guid(1, 20), 'Dust DDS'],
    [guid(0x44, 0x53), 'Fast DDS'],
    [guid(1, 19), undefined],
    [guid(1, 0xaa), undefined],
    [guid(0, 0), undefined],
    [new Uint8Array(), undefined],
  ])('is known by the guid %j: %s', (owner, product) => {
    expect(productOf(owner)).toBe(product);
  });

  it.each([
    ['our own', guid(1, 16), undefined],
    ['another known one', guid(1, 15), 'Fast DDS'],
    ['one that is not known', guid(1, 0xaa), 'an unknown middleware'],
    ['one with a guid of its own making', guid(192, 168), 'an unknown middleware'],
    ['none', guid(0, 0), undefined],
    ['none, without a guid', new Uint8Array(), undefined],
  ])('is ours or not: %s', (_, owner, product) => {
    expect(foreignProduct(owner, 'Cyclone DDS')).toBe(product);
  });
});
