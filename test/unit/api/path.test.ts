import { describe, expect, it } from 'vitest';
import { methodOf, pathOf, queryText } from '../../../src/api/index.ts';

describe('The path of a route', () => {
  it('has the parameters in their places', () => {
    expect(pathOf('GET /devices', undefined)).toBe('/devices');
    expect(pathOf('PUT /devices/:id/desired', { id: 'cam-7' })).toBe('/devices/cam-7/desired');
    expect(pathOf('GET /devices/:id/cameras/:camera/preview', { id: 'cam-7', camera: 'front' })).toBe(
      '/devices/cam-7/cameras/front/preview',
    );
    expect(pathOf('GET /devices/:id/frames.tar', { id: 'cam-7' })).toBe('/devices/cam-7/frames.tar');
  });

  it('keeps what a person typed within one segment', () => {
    expect(pathOf('DELETE /groups/:group', { group: 'a/../b ?#%' })).toBe('/groups/a%2F..%2Fb%20%3F%23%25');
  });

  it('takes a digest with its colon', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(pathOf('DELETE /models/:digest', { digest })).toBe(`/models/${digest}`);
  });

  it('comes with its method', () => {
    expect(methodOf('DELETE /groups/:group')).toBe('DELETE');
  });
});

describe('A query', () => {
  it('leaves out what is undefined or empty, and keeps zero and false', () => {
    expect(queryText({ a: undefined, b: '' })).toBe('');
    expect(queryText({ before: 0, online: false, search: 'a&b=c d' })).toBe(
      '?before=0&online=false&search=a%26b%3Dc%20d',
    );
  });
});
