/**
 * `deno task commands`: writes `docs/questions.md`, questions that people have about their clusters,
 * each with the command that answers it and what it printed on a real cluster: that of the demo.
 */

import { connectDemo } from "./cluster_objects.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PAGE = `${ROOT}docs/questions.md`;
const CLUSTER = "acid-minimal-cluster";
/** Longer outputs are cut. */
const MOST_LINES = 44;

type Demo = Awaited<ReturnType<typeof connectDemo>>["kube"];

interface Question {
  readonly question: string;
  readonly commands: readonly string[];
  /** What happens before, told in a sentence. */
  readonly first?: { readonly told: string; readonly act: (kube: Demo) => Promise<unknown> };
}

const REF = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  namespace: "default",
  name: CLUSTER,
} as const;
const { signal } = new AbortController();

function change(spec: Readonly<Record<string, unknown>>) {
  return (kube: Demo) => kube.patch(REF, { type: "merge", body: { spec }, signal });
}

const QUESTIONS: readonly Question[] = [
  { question: "Are my clusters well?", commands: ["list", `status ${CLUSTER}`] },
  {
    question: "What would this request do?",
    commands: [`plan ${CLUSTER} --request restart=try-1`],
  },
  {
    question: "Why did my pods restart?",
    first: {
      told: "Somebody has added a variable to the manifest.",
      act: async (kube) => {
        await change({ env: [{ name: "TZ", value: "UTC" }] })(kube);
        await settled(kube, 2);
      },
    },
    commands: [`why ${CLUSTER}-0`],
  },
  {
    question: "How do I move the primary before I work on its node?",
    commands: [`switchover ${CLUSTER}`, `status ${CLUSTER}`],
  },
  {
    question: "When was the last good backup, and how do I make one now?",
    first: {
      told: "Logical backups are switched on.",
      act: async (kube) => {
        await change({ enableLogicalBackup: true })(kube);
        await settled(kube, 0);
      },
    },
    commands: [`backup ${CLUSTER}`, `status ${CLUSTER}`],
  },
  {
    question: "Could this cluster be upgraded?",
    commands: [`upgrade-check ${CLUSTER} --to MAJOR`],
  },
  {
    question: "How do I keep the operator's hands off while I repair something?",
    commands: [
      `pause ${CLUSTER}`,
      `scale ${CLUSTER} 3`,
      `status ${CLUSTER}`,
      `scale ${CLUSTER} 2`,
      `resume ${CLUSTER}`,
    ],
  },
  {
    question: "How do I stop a cluster for the weekend?",
    commands: [`hibernate ${CLUSTER}`, `status ${CLUSTER}`, `resume ${CLUSTER}`],
  },
  {
    question: "How does an application connect, and how do I look in?",
    commands: [`connect ${CLUSTER}`, `psql ${CLUSTER} -c select(1)`],
  },
  {
    question: "How do I get yesterday's data back?",
    commands: [`restore ${CLUSTER} acid-copy`],
  },
  {
    question: "What would another version or configuration of the operator do to my fleet?",
    commands: ["plan -A"],
  },
  { question: "What do I send with an issue?", commands: [`report ${CLUSTER}`] },
];

/** Waits until the operator says Running of the newest manifest, and at least `restarts` were made. */
async function settled(kube: Demo, restarts: number): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const { metadata, status } = await kube.get(REF, { signal }) as unknown as {
      metadata: { generation?: number };
      status?: {
        PostgresClusterStatus: string;
        observedGeneration?: number;
        restarts?: unknown[];
      };
    };
    const current = status?.observedGeneration === metadata.generation;
    const enough = (status?.restarts?.length ?? 0) >= restarts;
    if (current && enough && status?.PostgresClusterStatus === "Running") return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error("the cluster has not come to rest");
}

async function run(line: string, kubeconfig: string): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `${ROOT}src/main.ts`, "pg", ...line.split(" ")],
    env: { KUBECONFIG: kubeconfig, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const lines = `${text.decode(stderr)}${text.decode(stdout)}`.trimEnd().split("\n");
  return lines.length <= MOST_LINES
    ? lines.join("\n")
    : [...lines.slice(0, MOST_LINES), `… ${lines.length - MOST_LINES} more lines`].join("\n");
}

async function answer(
  { question, commands, first }: Question,
  { kubeconfig, major }: { readonly kubeconfig: string; readonly major: string },
): Promise<string> {
  const client = await connectDemo(kubeconfig);
  try {
    await first?.act(client.kube);
    const blocks: string[] = [];
    for (const command of commands) {
      const line = command.replace("MAJOR", major);
      blocks.push(`$ kubectl pg ${line}\n${await run(line, kubeconfig)}\n`);
    }
    const told = first === undefined ? "" : `${first.told}\n\n`;
    return `## ${question}\n\n${told}\`\`\`\n${blocks.join("\n")}\`\`\`\n`;
  } finally {
    client.close();
  }
}

/** The demo as a child; resolves with its kubeconfig once it stays up. */
async function startDemo(): Promise<{ kubeconfig: string; stop: () => Promise<unknown> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-no-legacy-abort", `${ROOT}e2e/demo/main.ts`, "--keep"],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const stop = () => {
    child.kill("SIGINT");
    return child.status;
  };
  let text = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("everything stays up")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the demo has ended:\n${text}`);
    text += value;
  }
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return { kubeconfig: /KUBECONFIG=(\S+)/.exec(text)?.[1] ?? "", stop };
}

async function main(): Promise<void> {
  const { kubeconfig, stop } = await startDemo();
  try {
    const client = await connectDemo(kubeconfig);
    const cr = await client.kube.get(REF, { signal });
    client.close();
    const { postgresql } = cr!["spec"] as { postgresql: { version: string } };
    const parts: string[] = [];
    for (const question of QUESTIONS) {
      parts.push(await answer(question, { kubeconfig, major: postgresql.version }));
    }
    const head = "# Questions and the commands that answer them\n\n" +
      "Made by `deno task commands`: every command below was run against the cluster of the demo, " +
      "real\nPatroni and PostgreSQL. The commands stand in [kubectl-pg.md](kubectl-pg.md).\n\n";
    await Deno.writeTextFile(PAGE, head + parts.join("\n"));
  } finally {
    await stop();
  }
}

if (import.meta.main) await main();
