/** Completion for shells: names of commands, of their flags, and of clusters; pure. */

import { COMMANDS, flagsOf } from "./catalog.ts";

/** A script for `bash` or `zsh`. */
export function completionScript(shell: "bash" | "zsh"): string {
  const names = COMMANDS.map(({ name }) => name).join(" ");
  const cases = COMMANDS.map((command) =>
    `    ${command.name}) echo "${flagsOf(command).join(" ")}" ;;`
  );
  const body = `_kubectl_pg_flags() {
  case "$1" in
${cases.join("\n")}
  esac
}
_kubectl_pg() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names}" -- "$word"))
  elif [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$(_kubectl_pg_flags "$command")" -- "$word"))
  elif [ "$COMP_CWORD" -eq 2 ]; then
    local clusters
    clusters=$(kubectl get postgresqls -o name 2>/dev/null | cut -d/ -f2)
    COMPREPLY=($(compgen -W "$clusters" -- "$word"))
  fi
}
complete -F _kubectl_pg kubectl-pg
`;
  return shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${body}` : body;
}
