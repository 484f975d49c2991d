import type { Command } from 'commander';
import { byteWords } from '../../base/index.ts';
import {
  exportModel,
  type LoadOptions,
  loadModel,
  pullModel,
  pushModel,
  type RegistryOptions,
} from '../../workbench/index.ts';
import { addressOf, type Target } from '../access/address.ts';
import { examples, finish, workPorts } from '../command.ts';
import { targetOptions } from '../fleet/connect.ts';

/** Bundles as artifacts of registries, and as files for sites without a network. */
export function addRegistry(model: Command): void {
  addPush(model);
  addPull(model);
  addExport(model);
  addLoad(model);
}

const referenceHelp = `
A reference is host:port/name:tag, or host:port/name@sha256:... Without a host it is the controller's.
Passwords: your login or GOSHAWK_TOKEN for the controller; for another registry --user and GOSHAWK_REGISTRY_PASSWORD, or what docker login,
podman login or oras login left.`;

function addPush(model: Command): void {
  const command = registryOptions(
    model
      .command('push')
      .description('bring a bundle to the controller, or to any OCI registry')
      .argument('<bundle>', 'folder of the bundle')
      .argument('[reference]', 'destination (default: the controller, by name and version of the bundle)')
      .option(
        '--bases <bundles...>',
        'folders of versions that devices have: devices then download the differences only',
      ),
  ).addHelpText(
    'after',
    `${examples('model push bundle/', 'model push bundle/ registry.example/models/street:1.2.0')}\n${referenceHelp}`,
  );
  type Options = RegistryOptions & { readonly bases?: readonly string[] };
  finish<Options>(command, async (context, options, [folder = '', reference]) => {
    const pushed = await pushModel(folder, reference, withEnvironment(options), workPorts(context));
    context.output.value(pushed);
    context.output.line(
      `${pushed.name} ${pushed.version} is at ${pushed.reference}: ${byteWords(pushed.sentBytes)} sent, ${byteWords(pushed.presentBytes)} were there`,
    );
    context.output.line(pushed.digest);
    if (pushed.forms === undefined)
      context.output.note('Without the program zstd, devices fetch it uncompressed.');
    return 0;
  });
}

function addPull(model: Command): void {
  const command = registryOptions(
    model
      .command('pull')
      .description('fetch a bundle from a registry into a folder, and verify every byte')
      .argument('<reference>', 'which one')
      .requiredOption('--out <folder>', 'the bundle to write; whole or not at all'),
  ).addHelpText(
    'after',
    `${examples('model pull street:1.2.0 --out bundle/', 'model pull registry.example/models/street:1.2.0 --out bundle/')}\n${referenceHelp}`,
  );
  finish<RegistryOptions & { readonly out: string }>(command, async (context, options, [reference = '']) => {
    const { out } = options;
    const pulled = await pullModel(reference, { ...withEnvironment(options), out }, workPorts(context));
    const { name, version } = pulled.manifest;
    context.output.value({ name, version, digest: pulled.digest, reference: pulled.reference, folder: out });
    context.output.line(`${name} ${version} is in ${out}: ${pulled.digest}`);
    return 0;
  });
}

function addExport(model: Command): void {
  const command = registryOptions(
    model
      .command('export')
      .description('write a bundle as one file (OCI image layout), for a site without a network')
      .argument('<bundle>', 'folder of the bundle, or a reference')
      .argument('<file>', 'the file to write, e.g. street.oci.tar; whole or not at all'),
  ).addHelpText(
    'after',
    `${examples('model export bundle/ street.oci.tar', 'model export street:1.2.0 street.oci.tar')}\n${referenceHelp}`,
  );
  finish<RegistryOptions>(command, async (context, options, [source = '', file = '']) => {
    const exported = await exportModel(source, file, withEnvironment(options), workPorts(context));
    context.output.value(exported);
    context.output.line(
      `${exported.name} ${exported.version} is in ${file}: ${byteWords(exported.sizeBytes)}`,
    );
    return 0;
  });
}

function addLoad(model: Command): void {
  const command = registryOptions(
    model
      .command('load')
      .description(
        'bring a bundle out of an OCI image layout to the controller, to a registry, or into a folder',
      )
      .argument('<file>', 'file that model export or skopeo (oci-archive:) wrote, or the folder of a layout')
      .option('--registry <reference>', 'push it there instead of to the controller')
      .option('--out <folder>', 'write it into this folder instead')
      .option('--tag <tag>', 'which one, where the file has several'),
  ).addHelpText(
    'after',
    `${examples('model load street.oci.tar', 'model load street.oci.tar --out bundle/')}\n${referenceHelp}`,
  );
  finish<LoadOptions>(command, async (context, options, [file = '']) => {
    const loaded = await loadModel(file, withEnvironment(options), workPorts(context));
    context.output.value(loaded);
    context.output.line(`${loaded.name} ${loaded.version} is at ${loaded.at}: ${loaded.digest}`);
    return 0;
  });
}

function registryOptions(command: Command): Command {
  return targetOptions(command)
    .option('--user <name>', 'user at another registry')
    .option('--plain-http', 'the registry speaks no TLS');
}

/** Secrets stand in the environment: arguments are in the process list. */
function withEnvironment<O extends RegistryOptions & Target>(options: O, environment = process.env): O {
  return {
    ...options,
    ...addressOf(options, environment),
    user: options.user ?? environment.GOSHAWK_REGISTRY_USER,
    password: environment.GOSHAWK_REGISTRY_PASSWORD,
  };
}
