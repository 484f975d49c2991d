import { describe, expect, it } from 'vitest';
import { addressOf, type Target } from '../../../../src/cli/access/address.ts';
import type { Contexts } from '../../../../src/cli/access/contexts.ts';

const known: Contexts = {
  current: 'yard',
  contexts: {
    yard: { url: 'https://yard.example', token: 'of yard' },
    hall: { url: 'http://127.0.0.1:8081', token: 'of hall' },
  },
};
const none: Contexts = { contexts: {} };
type Environment = Readonly<Record<string, string>>;

describe('The controller that a command asks', () => {
  it.each<[string, Target, Environment, Contexts, object]>([
    ['none named: this machine, without a token', {}, {}, none, { url: 'http://127.0.0.1:8080' }],
    [
      'none named, logged in: the current context',
      {},
      {},
      known,
      { url: 'https://yard.example', token: 'of yard' },
    ],
    ['another context', { context: 'hall' }, {}, known, { url: 'http://127.0.0.1:8081', token: 'of hall' }],
    [
      'a context of the environment',
      {},
      { GOSHAWK_CONTEXT: 'hall' },
      known,
      { url: 'http://127.0.0.1:8081', token: 'of hall' },
    ],
    [
      'the environment before the login',
      {},
      { GOSHAWK_URL: 'http://a', GOSHAWK_TOKEN: 't' },
      known,
      { url: 'http://a', token: 't' },
    ],
    [
      'options before the environment',
      { url: 'http://b', token: 'u' },
      { GOSHAWK_URL: 'http://a', GOSHAWK_TOKEN: 't' },
      known,
      { url: 'http://b', token: 'u' },
    ],
    [
      'a context that is named before the environment, whose token is for another controller',
      { context: 'hall' },
      { GOSHAWK_URL: 'http://a', GOSHAWK_TOKEN: 't' },
      known,
      { url: 'http://127.0.0.1:8081', token: 'of hall' },
    ],
    [
      'an address that you logged in to: its own token, not the current one',
      { url: 'http://127.0.0.1:8081/' },
      {},
      known,
      { url: 'http://127.0.0.1:8081', token: 'of hall' },
    ],
    [
      'a token alone: for the current context',
      { token: 'mine' },
      {},
      known,
      { url: 'https://yard.example', token: 'mine' },
    ],
    [
      'empty variables: as if absent',
      {},
      { GOSHAWK_URL: '', GOSHAWK_TOKEN: '' },
      none,
      { url: 'http://127.0.0.1:8080' },
    ],
  ])('%s', (_name, target, environment, contexts, address) => {
    expect(addressOf(target, environment, () => contexts)).toEqual(address);
  });

  it.each<[Target, Environment]>([
    [{ url: 'https://stranger.example' }, {}],
    [{}, { GOSHAWK_URL: 'https://stranger.example' }],
    [{ url: 'https://stranger.example', context: 'hall' }, {}],
    [{ url: 'https://yard.example.evil' }, {}],
    [{ url: 'http://yard.example' }, {}],
  ])('is given no token of another address: %j %j', (target, environment) => {
    expect(addressOf(target, environment, () => known)).not.toHaveProperty('token');
  });

  it('is refused where it is no address or no context', () => {
    expect(() => addressOf({ url: 'yard' }, {}, () => known)).toThrow(/no address|not an address/);
    expect(() => addressOf({ context: 'attic' }, {}, () => known)).toThrow('There is no context attic.');
    expect(() => addressOf({ context: '__proto__' }, {}, () => known)).toThrow('There is no context');
  });
});
