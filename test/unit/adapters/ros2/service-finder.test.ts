import { describe, expect, it } from 'vitest';
import { ServiceFinder } from '../../../../src/adapters/ros2/service-finder.ts';
import { typeHashOf } from '../../../../src/adapters/ros2/type-finder.ts';
import { serviceByTexts, serviceTypeHashes } from '../../../../src/ros2/index.ts';

const type = 'dock_msgs/srv/Dock';
const text = 'uint8 station\n---\nbool success';
const folder = (own: string | undefined) => (name: string) => (name === type ? own : undefined);
const right = serviceByTexts(type, folder(text), typeHashOf)!;
type End = { readonly type: string; readonly typeHash: string | undefined };
const served = (request = right.request.hash, response = right.response.hash): End[] => [
  { type: `${type}_Request`, typeHash: request },
  { type: `${type}_Response`, typeHash: response },
];
const unhashed = served().map((end) => ({ ...end, typeHash: undefined }));
const find = (ends: readonly End[], textOf = folder(text), of = type) =>
  new ServiceFinder({ node: { servers: () => ends }, textOf }).find('/dock', of);
const failing = (...args: Parameters<typeof find>) => {
  try {
    find(...args);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

describe('A service of a type that is not shipped', () => {
  it('is that of the folder where request and response have the hashes that its server announces', () => {
    expect(find(served())).toEqual(right);
  });

  it('is that of the folder where the server announces no hash, as of Humble', () => {
    expect(find(unhashed)).toEqual(right);
  });

  it('is not called as another version, not even where the request alone is another', () => {
    const other = `RIHS01_${'0'.repeat(64)}`;
    expect(failing(served(other))).toBe('ros-service-version');
    expect(failing(served(right.request.hash, other))).toBe('ros-service-version');
    expect(failing([...served(), ...served(other)])).toBe('ros-service-version');
  });

  it('is read once while the server announces its hashes, and each time where it announces none', () => {
    const newer = 'uint8 station\nuint8 speed\n---\nbool success';
    const made = serviceByTexts(type, folder(newer), typeHashOf)!;
    let [ends, own, reads] = [served(), text, 0];
    const finder = new ServiceFinder({
      node: { servers: () => ends },
      textOf: (name) => {
        reads += 1;
        return folder(own)(name);
      },
    });
    for (let at = 0; at < 3; at += 1) expect(finder.find('/dock', type)).toEqual(right);
    const once = reads;
    expect(once).toBeGreaterThan(0);
    own = newer;
    expect(finder.find('/dock', type)).toEqual(right);
    expect(reads).toBe(once);
    ends = served(made.request.hash, made.response.hash);
    expect(finder.find('/dock', type)).toEqual(made);
    own = text;
    ends = unhashed;
    expect(finder.find('/dock', type)).toEqual(right);
  });

  it('that is of another type, or not whole, is not called', () => {
    expect(failing([])).toBe('ros-service-missing');
    expect(failing(served().slice(0, 1))).toBe('ros-service-missing');
    expect(failing(served().slice(1))).toBe('ros-service-missing');
    expect(failing([{ type: 'dock_msgs/srv/Other_Request', typeHash: undefined }])).toBe('ros-service-type');
  });

  it('that nobody describes is unknown, with the reason', () => {
    expect(failing(served(), folder(undefined))).toBe('ros-service-unknown');
    expect(() => find(served(), folder('Other other\n---\n'))).toThrow(
      'no definition of dock_msgs/msg/Other',
    );
  });
});

describe('A service whose definition is ours', () => {
  const list = 'rcl_interfaces/srv/ListParameters';
  const { request, response } = serviceTypeHashes[list];
  const ends = [
    { type: `${list}_Request`, typeHash: request },
    { type: `${list}_Response`, typeHash: response },
  ];

  it('needs no folder, and the hashes are those of its definition', () => {
    expect(find(ends, folder(undefined), list)).toMatchObject({
      ...{ name: list, request: { hash: request }, response: { hash: response } },
    });
  });

  it('gives way to a folder that has what the server means', () => {
    const textOf = (name: string) => (name === list ? text : undefined);
    const other = [
      { type: `${list}_Request`, typeHash: typeHashOf(serviceTexts(list, text)) },
      { type: `${list}_Response`, typeHash: undefined },
    ];
    expect(find(other, textOf, list).request.shape.types.size).toBe(1);
    expect(find(ends, textOf, list).request.hash).toBe(request);
  });
});

function serviceTexts(name: string, own: string) {
  let found: Parameters<typeof typeHashOf>[0] | undefined;
  serviceByTexts(
    name,
    () => own,
    (description) => {
      found ??= description;
      return '';
    },
  );
  return found!;
}
