/** Flags in every form, and what is said of wrong ones. */

import assert from "node:assert/strict";
import { type CommandLine, commandOf, parseCommandLine, usage } from "./command_line.ts";

const DEFAULTS: CommandLine = {
  kubeconfig: "",
  outOfCluster: false,
  noDatabaseAccess: false,
  noTeamsApi: false,
  kubeQps: undefined,
  kubeBurst: undefined,
  verbosity: 0,
  bindAddress: undefined,
  planRequests: false,
  admission: undefined,
  databaseAddress: "name",
  shadow: false,
  leaderElection: undefined,
};

const RUNS: readonly [string, Partial<CommandLine>][] = [
  ["", {}],
  ["-outofcluster -kubeconfig /k", { outOfCluster: true, kubeconfig: "/k" }],
  ["--outofcluster --kubeconfig=/k", { outOfCluster: true, kubeconfig: "/k" }],
  ["-nodatabaseaccess -noteamsapi", { noDatabaseAccess: true, noTeamsApi: true }],
  ["-nodatabaseaccess=false", { noDatabaseAccess: false }],
  ["-kubeqps 50 --kubeburst=100", { kubeQps: 50, kubeBurst: 100 }],
  ["-v 8", { verbosity: 8 }],
  ["--v=4", { verbosity: 4 }],
  ["--databaseaddress=cluster-ip", { databaseAddress: "cluster-ip" }],
  ["--bind-address=127.0.0.2", { bindAddress: "127.0.0.2" }],
  ["--bind-address ::1", { bindAddress: "::1" }],
  ["--mode=shadow", { shadow: true }],
  ["--mode run", {}],
  ["--admission-port=9443", {
    admission: {
      port: 9443,
      certificateDirectory: "/etc/postgres-operator/admission",
      refuse: false,
    },
  }],
  ["--admission-port 9443 --admission-certificate=/tls --admission-refuse", {
    admission: { port: 9443, certificateDirectory: "/tls", refuse: true },
  }],
  ["--leader-elect", {
    leaderElection: { leaseSeconds: 12, renewDeadlineSeconds: 8, retrySeconds: 2 },
  }],
  [
    "--leader-elect --leader-elect-lease-duration=3s --leader-elect-renew-deadline=2s " +
    "--leader-elect-retry-period=500ms",
    { leaderElection: { leaseSeconds: 3, renewDeadlineSeconds: 2, retrySeconds: 0.5 } },
  ],
];

for (const [text, want] of RUNS) {
  Deno.test(`the command line ${JSON.stringify(text)} is understood`, () => {
    const args = text === "" ? [] : text.split(" ");
    assert.deepEqual(parseCommandLine(args), { kind: "run", options: { ...DEFAULTS, ...want } });
  });
}

const WRONG: readonly [string, RegExp][] = [
  ["--fast", /unknown flag --fast/],
  ["now", /there is no command "now"; there are run, plan, pg, ui, version/],
  ["--outofcluster now", /unexpected argument "now"/],
  ["-kubeqps many", /--kubeqps must be a number, not "many"/],
  ["-kubeconfig", /needs a value/],
  ["-outofcluster=maybe", /--outofcluster is true or false/],
  ["--databaseaddress=moon", /name or cluster-ip/],
  ["--bind-address=localhost", /--bind-address must be an IP address, not "localhost"/],
  ["--bind-address=", /--bind-address must be an IP address, not ""/],
  ["--admission-port=https", /--admission-port must be a port, not "https"/],
  ["--admission-port=70000", /--admission-port must be a port, not "70000"/],
  ["--admission-refuse", /--admission-port is missing/],
  ["--leader-elect --leader-elect-lease-duration=soon", /must be a duration such as 15s/],
  ["--leader-elect --leader-elect-lease-duration=5s", /longer than --leader-elect-renew-deadline/],
  ["--leader-elect --leader-elect-retry-period=20s", /longer than --leader-elect-retry-period/],
];

for (const [text, message] of WRONG) {
  Deno.test(`the command line ${JSON.stringify(text)} is refused with a reason`, () => {
    const parsed = parseCommandLine(text.split(" "));
    assert.equal(parsed.kind, "wrong");
    assert.match(parsed.kind === "wrong" ? parsed.message : "", message);
  });
}

Deno.test("--help and --version win over everything else, and the usage names every flag", () => {
  assert.deepEqual(parseCommandLine(["-h"]), { kind: "help" });
  assert.deepEqual(parseCommandLine(["--help"]), { kind: "help" });
  assert.deepEqual(parseCommandLine(["--version"]), { kind: "version" });
  for (const flag of ["kubeconfig", "outofcluster", "kubeqps", "databaseaddress"]) {
    assert.match(usage(), new RegExp(`--${flag}`));
  }
});

const COMMANDS: readonly [string, string, string][] = [
  ["", "run", ""],
  ["-outofcluster", "run", "-outofcluster"],
  ["run -outofcluster", "run", "-outofcluster"],
  ["plan -f a.yaml", "plan", "-f a.yaml"],
  ["version", "version", ""],
  ["-kubeconfig plan", "run", "-kubeconfig plan"],
  ["now", "run", "now"],
];

for (const [text, name, rest] of COMMANDS) {
  Deno.test(`${JSON.stringify(text)} is the command ${name}`, () => {
    const args = (words: string) => words === "" ? [] : words.split(" ");
    assert.deepEqual(commandOf(args(text)), { name, args: args(rest) });
  });
}

Deno.test("called as kubectl-pg, or with the word pg, the program is the plugin of kubectl", () => {
  for (const program of ["kubectl-pg", "/usr/local/bin/kubectl-pg"]) {
    assert.deepEqual(commandOf(["status", "a"], program), { name: "pg", args: ["status", "a"] });
  }
  const direct = commandOf(["pg", "status"], "/usr/bin/postgres-operator");
  assert.deepEqual(direct, { name: "pg", args: ["status"] });
  assert.equal(commandOf(["plan"], "not-kubectl-pg-either").name, "plan");
});
