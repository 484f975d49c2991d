import type { CommandNode, OptionNode } from './tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The completion script of one shell. All three know the same: commands, options, and the values of a choice. */
export function completionScript(shell: Shell, nodes: readonly CommandNode[]): string {
  return { bash, zsh, fish }[shell](nodes);
}

/** In single quotes for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Every option of any command that takes a value: the words after them are no commands. */
function valueFlags(nodes: readonly CommandNode[]): readonly string[] {
  const options = nodes.flatMap((node) => node.options).filter((option) => option.takesValue);
  return [...new Set(options.flatMap((option) => option.flags))].sort();
}

/** `--score` may take a value in one command and none in another; only its own command decides about its values. */
function choiceCases(node: CommandNode, render: (option: OptionNode) => string): readonly string[] {
  return node.options
    .filter((option) => option.takesValue)
    .map(
      (option) =>
        `${option.flags.map((flag) => quoted(`${node.path} ${flag}`)).join('|')}) ${render(option)}`,
    );
}

function bash(nodes: readonly CommandNode[]): string {
  const words = (node: CommandNode) =>
    [...node.commands.map(({ name }) => name), ...node.options.flatMap((option) => option.flags)].join(' ');
  return `# bash completion for goshawk; made from the command line itself.
_goshawk() {
  local word path='' skip='' i
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$word" in
      ${valueFlags(nodes).join('|')}) skip=yes ;;
      -*) ;;
      *)
        case "$path \${word}" in
          ${nodes
            .filter(({ path }) => path !== '')
            .map(({ path }) => quoted(path.includes(' ') ? path : ` ${path}`))
            .join('|')}) path="\${path:+$path }$word" ;;
        esac
        ;;
    esac
  done
  case "$path $previous" in
    ${nodes
      .flatMap((node) =>
        choiceCases(node, ({ choices }) =>
          choices.length === 0
            ? 'compopt -o default; return ;;'
            : `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return ;;`,
        ),
      )
      .join('\n    ')}
  esac
  case "$path" in
    ${nodes
      .map(
        (node) =>
          `${quoted(node.path)}) COMPREPLY=($(compgen -W ${quoted(words(node))} -- "$current"))${
            node.arguments.length === 0 ? '' : '; [[ $current == -* ]] || compopt -o default'
          } ;;`,
      )
      .join('\n    ')}
  esac
}
complete -F _goshawk goshawk
`;
}

function zsh(nodes: readonly CommandNode[]): string {
  const described = (name: string, description: string) =>
    quoted(`${name.replaceAll(':', '\\:')}:${description}`);
  return `#compdef goshawk
# zsh completion for goshawk; made from the command line itself.
_goshawk() {
  local word path='' skip='' current=\${words[CURRENT]} previous=\${words[CURRENT-1]}
  local -a commands options
  for word in \${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$word" in
      ${valueFlags(nodes).join('|')}) skip=yes ;;
      -*) ;;
      *)
        case "\${path:+$path }$word" in
          ${nodes
            .filter(({ path }) => path !== '')
            .map(({ path }) => quoted(path))
            .join('|')}) path="\${path:+$path }$word" ;;
        esac
        ;;
    esac
  done
  case "$path $previous" in
    ${nodes
      .flatMap((node) =>
        choiceCases(node, ({ choices }) =>
          choices.length === 0
            ? '_files; return ;;'
            : `compadd -- ${choices.map(quoted).join(' ')}; return ;;`,
        ),
      )
      .join('\n    ')}
  esac
  case "$path" in
    ${nodes
      .map((node) => {
        const commands = node.commands.map(({ name, description }) => described(name, description));
        const options = node.options.flatMap(({ flags, description }) =>
          flags.map((flag) => described(flag, description)),
        );
        return `${quoted(node.path)}) commands=(${commands.join(' ')}); options=(${options.join(' ')})${
          node.arguments.length === 0 ? '' : '; [[ $current == -* ]] || _files'
        } ;;`;
      })
      .join('\n    ')}
  esac
  if [[ $current == -* ]]; then _describe -o option options; else _describe command commands; fi
}
# Loaded by compinit it is the function's body, sourced it is not.
if [[ $funcstack[1] == _goshawk ]]; then _goshawk "$@"; else compdef _goshawk goshawk; fi
`;
}

function fish(nodes: readonly CommandNode[]): string {
  const literal = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = nodes.flatMap((node) => {
    const at = `-n ${literal(`__goshawk_at ${literal(node.path)}`)}`;
    return [
      ...(node.arguments.length > 0 ? [`complete -c goshawk ${at} -F`] : []),
      ...node.commands.map(
        ({ name, description }) => `complete -c goshawk ${at} -f -a ${name} -d ${literal(description)}`,
      ),
      ...node.options.map(({ flags, description, takesValue, choices }) => {
        const names = flags.map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        );
        const value = choices.length > 0 ? ` -x -a ${literal(choices.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c goshawk ${at} ${names.join(' ')}${value} -d ${literal(description)}`;
      }),
    ];
  });
  return `# fish completion for goshawk; made from the command line itself.
function __goshawk_at
  set -l path
  set -l skip ''
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip ''
      continue
    end
    switch $word
      case ${valueFlags(nodes).join(' ')}
        set skip yes
      case '-*'
      case '*'
        switch "$path $word"
          case ${nodes
            .filter(({ path }) => path !== '')
            .map(({ path }) => literal(path.includes(' ') ? path : ` ${path}`))
            .join(' ')}
            set path (string trim "$path $word")
        end
    end
  end
  test "$path" = "$argv[1]"
end
complete -c goshawk -f
${lines.join('\n')}
`;
}
