import assert from "node:assert/strict";
import { ImageUnavailableError } from "./runtime.ts";
import { execText, realTest, type TestPod, testPod } from "./process/real_process.fixture.ts";
import { type HostNames, processRuntime } from "./process_runtime.ts";

const WAIT = "trap 'exit 0' TERM; while :; do sleep 60 & wait $!; done";

async function withPod(names: HostNames | undefined, body: (pod: TestPod) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  const runtime = processRuntime(names === undefined ? {} : { names });
  try {
    await body(await testPod(runtime, directory));
  } finally {
    await runtime.close();
    await Deno.remove(directory, { recursive: true });
  }
}

const inPod = (name: string, body: (pod: TestPod) => Promise<void>) =>
  realTest(name, () => withPod(undefined, body));

inPod("a container has its environment, host name and process numbers", async ({ shell }) => {
  const { container, output } = await shell('echo "$A|$(hostname)|$$"; exit 7', {
    env: { A: "it's\n$HOME" },
  });
  assert.deepEqual(await container.exited, { exitCode: 7 });
  assert.equal(output(), "it's\n$HOME|tiny-0|1\n");
});

inPod("what a container writes and mounts is not seen on the machine", async ({ shell }) => {
  const mounts = () => Deno.readTextFileSync("/proc/self/mounts");
  const before = mounts();
  const { container, output } = await shell(
    "echo x > /etc/devcluster-test && mkdir /devcluster-test && rm -rf /etc/passwd && " +
      "ls -d /devcluster-test && mount | grep -c overlay",
  );
  assert.deepEqual(await container.exited, { exitCode: 0 }, output());
  assert.equal(output(), "/devcluster-test\n1\n");
  assert.equal(mounts(), before);
  for (const path of ["/etc/devcluster-test", "/devcluster-test"]) {
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
  }
  assert.ok(Deno.statSync("/etc/passwd").isFile);
});

inPod("mounts show the machine's directories and files, read-only where asked", async (pod) => {
  const claim = `${pod.directory}/claim`;
  const token = `${pod.directory}/token`;
  await Deno.mkdir(claim);
  await Deno.writeTextFile(token, "secret");
  const base = { name: "v", readOnly: false };
  const { container, output } = await pod.shell(
    "echo data > /home/postgres/pgdata/file; cat /var/run/secrets/sa/token; " +
      "echo no > /var/run/secrets/sa/token || echo refused",
    {
      mounts: [
        { ...base, path: "/home/postgres/pgdata", hostPath: claim, source: "claim" },
        {
          ...base,
          path: "/var/run/secrets/sa/token",
          hostPath: token,
          readOnly: true,
          source: "projected",
        },
      ],
    },
  );
  await container.exited;
  assert.match(output(), /^secret.*\n?.*Read-only file system\nrefused\n$/s);
  assert.equal(await Deno.readTextFile(`${claim}/file`), "data\n");
  assert.equal(await Deno.readTextFile(token), "secret");
});

inPod("the group of the pod reads its secrets, also those renewed later", async (pod) => {
  const secret = `${pod.directory}/secret`;
  await Deno.mkdir(secret);
  const write = async (text: string) => {
    await Deno.writeTextFile(`${secret}/new`, text, { mode: 0o640 });
    await Deno.rename(`${secret}/new`, `${secret}/tls.key`);
  };
  await write("one");
  const mount = { name: "tls", path: "/tls", hostPath: secret, readOnly: true };
  const { container } = await pod.shell(WAIT, {
    mounts: [{ ...mount, source: "secret" }],
    runAsUser: 101,
    fsGroup: 103,
  });
  const read = () => execText(container, ["bash", "-c", "id -un; cat /tls/tls.key"]);
  assert.equal((await read()).text, "postgres\none");
  await write("two");
  assert.equal((await read()).text, "postgres\ntwo");
});

inPod("exec runs in the container, with its environment and exit code", async ({ shell }) => {
  const { container } = await shell(WAIT, { env: { A: "b c" } });
  const run = (script: string) => execText(container, ["bash", "-c", script]);
  assert.deepEqual(await run('echo "$A $(hostname) $(id -u)"; exit 3'), {
    code: 3,
    text: "b c tiny-0 0\n",
  });
  assert.deepEqual(await execText(container, ["cat"], { stdin: "in and out" }), {
    code: 0,
    text: "in and out",
  });
  assert.equal((await execText(container, ["no-such-program"])).code, 127);
});

inPod("exec with a terminal has one, of the size asked for", async ({ shell }) => {
  const { container } = await shell(WAIT);
  const { code, text } = await execText(container, ["bash", "-c", "sleep 0.5; tty; stty size"], {
    tty: true,
  });
  assert.equal(code, 0);
  assert.match(text, /^\/dev\/pts\/\d+\r\n31 101\r\n$/);
});

inPod("an exec that is called off ends with all it started", async ({ shell }) => {
  const { container } = await shell(WAIT);
  const session = await container.exec({
    command: ["bash", "-c", "sleep 54321 & sleep 54321"],
    tty: false,
    onOutput: () => {},
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  session.kill();
  assert.equal(await session.exitCode, 137);
  const left = await execText(container, ["bash", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]);
  assert.doesNotMatch(left.text, /sleep 54321/);
});

inPod("stop asks with TERM first, and kills what does not listen", async ({ shell, pod }) => {
  const polite = await shell(
    "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 60 & wait $!; done",
  );
  await polite.outputHas("ready");
  await polite.container.stop(20_000);
  assert.deepEqual(await polite.container.exited, { exitCode: 0 });
  assert.equal(polite.output(), "ready\nbye\n");
  const deaf = await shell("trap '' TERM; echo ready; sleep 60");
  await deaf.outputHas("ready");
  await pod.stop(300);
  assert.deepEqual(await deaf.container.exited, { exitCode: 137, signal: 9 });
});

inPod("stop is heard by a program that was started a moment before", async ({ shell }) => {
  const { container, output } = await shell(
    "sleep 0.5; trap 'echo bye; exit 0' TERM; while :; do sleep 60 & wait $!; done",
  );
  await container.stop(20_000);
  assert.deepEqual(await container.exited, { exitCode: 0 });
  assert.equal(output(), "bye\n");
});

inPod("stop ends a container that is just being started, and none starts after it", async (pod) => {
  const starting = pod.shell(WAIT);
  await pod.pod.stop(0);
  const { container } = await starting;
  assert.deepEqual(await container.exited, { exitCode: 137, signal: 9 });
  await assert.rejects(() => pod.shell(WAIT), /its pod is being stopped/);
});

inPod("an image that this machine cannot provide is refused by name", async ({ shell }) => {
  await assert.rejects(
    () => shell("", { image: "spilo-17:4.0", env: { PGVERSION: "9" } }),
    (error) =>
      error instanceof ImageUnavailableError &&
      /cannot run spilo-17:4\.0: PGVERSION is 9, .*postgresql-9$/.test(error.message),
  );
});

inPod("a set-up that fails tells why", async ({ shell }) => {
  const missing = {
    name: "v",
    path: "/data",
    hostPath: "/no/such/directory",
    readOnly: false,
    source: "claim" as const,
  };
  await assert.rejects(
    () => shell("true", { mounts: [missing] }),
    /cannot start container shell: its set-up ended with \d+: .*\/no\/such\/directory/s,
  );
});

realTest("names that change while a container runs change in its hosts file", async () => {
  let text = "127.19.1.1 localhost\n";
  let tell = () => {};
  const names: HostNames = {
    hostsFile: () => text,
    onChange: (changed) => {
      tell = changed;
      return () => tell = () => {};
    },
  };
  await withPod(names, async ({ shell }) => {
    const { container } = await shell(WAIT);
    assert.equal((await execText(container, ["cat", "/etc/hosts"])).text, text);
    text = "127.19.1.1 localhost\n127.19.100.1 demo demo.prod\n";
    tell();
    const found = await execText(container, ["getent", "hosts", "demo.prod"]);
    assert.match(found.text, /^127\.19\.100\.1\s/);
  });
});

realTest("containers do not outlive a runtime that is killed", async () => {
  const directory = await Deno.makeTempDir();
  const mark = `sleep ${40_000 + Deno.pid % 10_000}`;
  const program = `
    import { processRuntime } from "${import.meta.resolve("./process_runtime.ts")}";
    import { testPod } from "${import.meta.resolve("./process/real_process.fixture.ts")}";
    const pod = await testPod(processRuntime(), ${JSON.stringify(directory)});
    await pod.shell("${mark} & setpriv --reuid=postgres --clear-groups ${mark} & echo ready; wait")
      .then((shell) => shell.outputHas("ready"));
    console.log("started");
    setInterval(() => {}, 1000);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--config", new URL("../../../deno.json", import.meta.url).pathname],
      `data:application/typescript,${encodeURIComponent(program)}`,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  assert.equal((await processes(mark)).length > 0, true);
  child.kill("SIGKILL");
  await child.status;
  await output.cancel();
  for (let tries = 0; tries < 50 && (await processes(mark)).length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(await processes(mark), []);
  await Deno.remove(directory, { recursive: true });
});

/** Command lines of this machine that are exactly `wanted`. */
async function processes(wanted: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir("/proc")) {
    const line = await Deno.readTextFile(`/proc/${entry.name}/cmdline`).catch(() => "");
    if (line.replaceAll("\0", " ").trim() === wanted) found.push(entry.name);
  }
  return found;
}
