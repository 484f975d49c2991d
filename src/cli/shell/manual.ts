import { exitCodes } from '../exit-codes.ts';
import type { CommandNode, OptionNode } from './tree.ts';

export interface ManualFacts {
  readonly version: string;
  /** Of the pages, as `2026-11-25`. */
  readonly date: string;
}

/** The manual page goshawk(1): every command with its options, as roff for `man`. */
export function manualPage(nodes: readonly CommandNode[], { version, date }: ManualFacts): string {
  const program = nodes.find(({ path }) => path === '');
  const leaves = nodes.filter(({ path, commands }) => path !== '' && commands.length === 0);
  return [
    `.TH GOSHAWK 1 "${date}" "goshawk ${plain(version)}" "User Commands"`,
    '.SH NAME',
    `goshawk \\- ${plain(lowerFirst(program?.description ?? '').replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B goshawk',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    'Results go to the standard output, progress, warnings and errors to the standard error.',
    'Every command says more about itself with',
    '.BR \\-\\-help .',
    '.SH COMMANDS',
    ...leaves.flatMap(commandSection),
    '.SH OPTIONS',
    ...(program?.options ?? []).flatMap(optionItem),
    '.SH EXIT STATUS',
    ...Object.values(exitCodes).flatMap(({ code, meaning }) => ['.TP', `.B ${code}`, text(meaning)]),
    '.SH FILES',
    '.TP',
    '.I /etc/goshawk/agent.json',
    'settings of the agent, where the package goshawk-agent is installed',
    '.TP',
    '.I /etc/goshawk/controller.json',
    'settings of the controller, where the package goshawk-controller is installed',
    '',
  ].join('\n');
}

function commandSection(node: CommandNode): readonly string[] {
  const operands = node.arguments.map(({ name }) => ` \\fI${plain(name)}\\fR`).join('');
  return [
    `.SS "goshawk ${plain(node.path)}${operands}"`,
    text(`${upperFirst(node.description)}.`),
    ...node.arguments.flatMap(({ name, description }) =>
      description === '' ? [] : ['.TP', `.I ${plain(name)}`, text(description)],
    ),
    ...node.options.flatMap(optionItem),
  ];
}

function optionItem({ usage, description, choices }: OptionNode): readonly string[] {
  const values = choices.length === 0 ? '' : ` (${choices.join(', ')})`;
  return ['.TP', `.B ${plain(usage)}`, text(`${description}${values}`)];
}

/** A word of roff: its own escapes, and hyphens that can be copied into a shell. */
function plain(value: string): string {
  return value.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq');
}

/** A line of text: a dot or a quote at its begin would be a request. */
function text(value: string): string {
  const line = plain(value.replace(/\s+/g, ' ').trim());
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

const lowerFirst = (value: string) => value.slice(0, 1).toLowerCase() + value.slice(1);
const upperFirst = (value: string) => value.slice(0, 1).toUpperCase() + value.slice(1);
