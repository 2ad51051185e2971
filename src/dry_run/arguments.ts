/** The command line of `postgres-operator plan`, as text to options; pure. */

export interface PlanArguments {
  /** Files with manifests; `-` is standard input. */
  readonly files: readonly string[];
  /** File with a ConfigMap or an OperatorConfiguration. */
  readonly config: string | undefined;
  /** Kubeconfig of the cluster to compare with; nothing exists where it is left out. */
  readonly against: string | undefined;
  /** Namespace of manifests that name none. */
  readonly namespace: string;
  /** Namespace of the operator: names in its configuration mean this one. */
  readonly operatorNamespace: string;
  readonly json: boolean;
}

export type ParsedPlanArguments =
  | { readonly kind: "run"; readonly options: PlanArguments }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** The text of `--help`. */
export const PLAN_USAGE = `postgres-operator plan -f FILE [-f FILE …] [flags]

Tells what the operator would do for the postgresql manifests of a file, and writes nothing.

  -f FILE                   manifests, and Secrets or ConfigMaps that they need; - is standard input
  --config FILE             the operator's ConfigMap or OperatorConfiguration; without it, defaults
  --against KUBECONFIG      compare with what is in that cluster (read only); without it, nothing
                            exists yet
  -n, --namespace NAME      namespace of manifests that name none (default)
  --operator-namespace NAME namespace that the operator runs in (default)
  --json                    print JSON
  -h, --help                print this text

Exit code: 0 nothing that runs is disturbed, 2 a reload, 3 pods or PostgreSQL restart, 4 something is
taken away for good, 5 a manifest is refused, 1 the plan could not be made or is not complete.
`;

const VALUED: Readonly<Record<string, string>> = {
  "-f": "file",
  "--file": "file",
  "--config": "config",
  "--against": "against",
  "-n": "namespace",
  "--namespace": "namespace",
  "--operator-namespace": "operatorNamespace",
};

/** Reads the arguments. */
export function parsePlanArguments(args: readonly string[]): ParsedPlanArguments {
  const values = new Map<string, string[]>();
  let json = false;
  for (let at = 0; at < args.length; at++) {
    const [flag = "", given] = split(args[at] ?? "");
    if (flag === "-h" || flag === "--help") return { kind: "help" };
    if (flag === "--json" && given === undefined) {
      json = true;
      continue;
    }
    const name = VALUED[flag];
    if (name === undefined) return wrong(`unknown argument ${JSON.stringify(args[at])}`);
    const value = given ?? args[++at];
    if (value === undefined || value === "") return wrong(`${flag} needs a value`);
    values.set(name, [...values.get(name) ?? [], value]);
  }
  const files = values.get("file") ?? [];
  if (files.length === 0) return wrong("no manifest is named: -f FILE");
  return {
    kind: "run",
    options: {
      files,
      config: values.get("config")?.at(-1),
      against: values.get("against")?.at(-1),
      namespace: values.get("namespace")?.at(-1) ?? "default",
      operatorNamespace: values.get("operatorNamespace")?.at(-1) ?? "default",
      json,
    },
  };
}

/** `--flag=value` in its two parts. */
function split(argument: string): [string, string | undefined] {
  const found = /^(--[a-z-]+)=(.*)$/s.exec(argument);
  return found ? [found[1] ?? "", found[2]] : [argument, undefined];
}

function wrong(message: string): ParsedPlanArguments {
  return { kind: "wrong", message };
}
