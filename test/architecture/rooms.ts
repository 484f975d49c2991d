import type { Import, Project } from './project.ts';
import { importsOf, includesOf, isTypeScript } from './project.ts';
import { readSource } from './source.ts';
import type { Room, Table } from './table.ts';

/** Packages that compute and touch nothing: no disk, no network, no clock. An adapter may use one beside its own. */
export const purePackages = ['@bufbuild/protobuf', '@sinclair/typebox', 'cborg'];

/** Headers of the compiler, the C library and POSIX; everything else in <> is a dependency. */
const systemHeader =
  /^([a-z_]+|(sys|linux)\/\w+\.h|(arm_neon|cpuid|dlfcn|fcntl|immintrin|malloc|pthread|sched|signal|stddef|stdint|stdio|unistd)\.h)$/;

/** `src/adapters/sharp/decode.ts` -> `adapters/sharp`; `src/base/log.ts` -> `base`; `native/dds.ts` -> `native`. */
export function roomOf(path: string): string {
  const parts = path.split('/');
  if (parts[0] === 'device') return parts.slice(0, 2).join('/');
  if (parts[0] !== 'src') return parts[0] ?? path;
  return parts.slice(1, parts[1] === 'adapters' ? 3 : 2).join('/');
}

/** The row of a room: all adapters share one, and all folders of the board another. */
const rowOf = (room: string) => room.split('/')[0] ?? room;

const says = ({ file, target }: Import, why: string) => `${file} -> ${target}: ${why}`;

/** Imports between rooms that the table does not allow, and those that it allows and nobody needs. */
export function roomViolations(project: Project, { pure, impure }: Table): string[] {
  const rooms = new Map([...pure, ...impure].map((room) => [room.name, room]));
  const used = new Set<string>();
  const wrong = importsOf(project).flatMap((item) => {
    const from = roomOf(item.file);
    const row = rooms.get(rowOf(from));
    if (row === undefined) return [says(item, `docs/architecture.md has no room ${from}`)];
    if (!item.ours) {
      if (item.target.startsWith('node:') || row.outside.includes('one each')) return [];
      used.add(`${row.name} > ${item.target}`);
      return row.outside.includes(item.target) ? [] : [says(item, `${row.name} uses no such package`)];
    }
    const to = roomOf(item.target);
    if (from === to) return [];
    used.add(`${row.name} > ${rowOf(to)}`);
    if (rowOf(from) === rowOf(to)) return [says(item, `${from} may not know its neighbour`)];
    return row.imports.includes(rowOf(to)) ? [] : [says(item, `${row.name} may not import ${rowOf(to)}`)];
  });
  const unused = [...rooms.values()].flatMap(({ name, imports, outside, reserved }) =>
    reserved
      ? []
      : [...imports, ...outside]
          .filter((other) => other !== 'one each' && !used.has(`${name} > ${other}`))
          .map((other) => `${name} may import ${other}, and no file does: take it off the table`),
  );
  return [...wrong, ...unused];
}

/** Rooms without a row, and rows without a room. */
export function roomsWithoutRow(project: Project, { pure, impure }: Table): string[] {
  const found = new Set([...project.keys()].filter(isTypeScript).map((file) => rowOf(roomOf(file))));
  const rows = [...pure, ...impure];
  const known = new Set(rows.map(({ name }) => name));
  return [
    ...[...found]
      .filter((room) => !known.has(room))
      .map((room) => `${room} has no row in docs/architecture.md`),
    ...rows
      .filter(({ name, reserved }) => found.has(name) === reserved)
      .map(({ name, reserved }) =>
        reserved ? `${name} is no longer reserved: it has files` : `${name} has a row and no file`,
      ),
  ];
}

/** Rows that import upwards; on the same level a circle is found by `circlesAmong`. */
export function upwardRows(rooms: readonly Room[]): string[] {
  const levels = new Map(rooms.map(({ name, level }) => [name, level]));
  return rooms.flatMap(({ name, level, imports }) =>
    imports
      .filter((other) => (levels.get(other) ?? Number.POSITIVE_INFINITY) > level)
      .map((other) => `${name} (level ${level}) -> ${other} (level ${levels.get(other)})`),
  );
}

/** A room is entered by its index.ts. */
export function pastTheDoor(project: Project): string[] {
  return importsOf(project)
    .filter(({ file, target, ours }) => ours && roomOf(file) !== roomOf(target))
    .filter(({ target }) => !/\/index\.tsx?$/.test(target))
    .map((item) => says(item, 'a room is entered by its index.ts'));
}

/**
 * The first line of an adapter's door names the one package that it is around, or says why there is none:
 * `// Around: mqtt`, `// Around: no package: Node's own http`. A package brings its plugins (`@fastify/static`), and may be
 * loaded by its name in a variable, where it is not always installed.
 */
export function adapterViolations(project: Project): string[] {
  const doors = [...project.keys()].filter((file) => /^(src\/adapters|device)\/[^/]+\/index\.ts$/.test(file));
  const imports = importsOf(project).filter(
    ({ target, ours }) => !ours && !target.startsWith('node:') && !purePackages.includes(target),
  );
  return doors.flatMap((door) => {
    const its = imports.filter(({ file }) => roomOf(file) === roomOf(door));
    const said = /^\/\/ Around: (.+)/.exec(project.get(door) ?? '')?.[1];
    if (said === undefined)
      return [`${door}: its first line has to be "// Around: <package>", or "// Around: no package: <why>"`];
    if (/^no package: ./.test(said)) return its.map((item) => says(item, 'its index.ts says "no package"'));
    const name = /^(@[\w.-]+\/)?[\w.-]+/.exec(said)?.[0] ?? said;
    const named =
      its.some(({ target }) => isPartOf(target, name)) ||
      [...project].some(
        ([file, text]) =>
          roomOf(file) === roomOf(door) && readSource(text).strings.some((one) => one.text === name),
      );
    // `// Around: @a/b with c: why`: what the one package asks to be loaded before it.
    const companion = /^\S+ with ((?:@[\w.-]+\/)?[\w.-]+): ./.exec(said)?.[1];
    const strangers = its.filter(({ target }) => !isPartOf(target, name) && target !== companion);
    return [
      ...strangers.map((item) => says(item, `its index.ts says that it is around ${name}`)),
      ...(named ? [] : [`${door}: around ${name}, which no file names`]),
    ];
  });
}

/** `@fastify/static` and `pino-pretty` are part of `fastify` and `pino`. */
function isPartOf(target: string, name: string): boolean {
  return target === name || target.startsWith(`@${name}/`) || target.startsWith(`${name}-`);
}

/** `native/src/core/slot.cc` -> `core`; `native/plugins/tensorrt/letterbox.cu` -> `plugins/tensorrt`. */
export function folderOf(path: string): string {
  return path
    .replace(/^native\/(src\/)?/, '')
    .split('/')
    .slice(0, -1)
    .join('/');
}

/** The same table check for C++, whose rooms are folders below native. */
export function includeViolations(project: Project, { cpp }: Table): string[] {
  const rows = new Map(cpp.map((room) => [room.name, room]));
  const used = new Set<string>();
  const wrong = includesOf(project).flatMap((item) => {
    const from = folderOf(item.file);
    const row = rows.get(from);
    if (from === 'test' || from.startsWith('test/')) return [];
    if (row === undefined) return [says(item, `docs/architecture.md has no C++ folder ${from}`)];
    if (!item.ours && systemHeader.test(item.target)) return [];
    const to = item.ours ? folderOf(item.target) : item.target;
    if (from === to) return [];
    const allowed = (item.ours ? row.imports : row.outside).find(
      (one) => one === to || (!item.ours && to.startsWith(`${one}/`)),
    );
    if (allowed === undefined) return [says(item, `${from} may not include ${to}`)];
    used.add(`${from} > ${allowed}`);
    return [];
  });
  const unused = cpp.flatMap(({ name, imports, outside }) =>
    [...imports, ...outside]
      .filter((other) => !used.has(`${name} > ${other}`))
      .map((other) => `${name} may include ${other}, and no file does: take it off the table`),
  );
  return [...wrong, ...unused];
}
