/** kubectl as it is installed, against the target. */
import { ok, strictEqual } from "node:assert/strict";
import type { Context, Row } from "../context.ts";

interface Result {
  code: number;
  out: string;
  error: string;
}

async function kubectl(context: Context, args: string[], stdin = ""): Promise<Result> {
  const child = new Deno.Command("kubectl", {
    args: [
      `--kubeconfig=${context.target.kubeconfig}`,
      `--namespace=${context.namespace}`,
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), error: decode(stderr) };
}

async function works(context: Context, args: string[], stdin?: string): Promise<string> {
  const { code, out, error } = await kubectl(context, args, stdin);
  strictEqual(code, 0, `kubectl ${args.join(" ")}: ${error}`);
  return out;
}

const MANIFEST = `
apiVersion: v1
kind: ConfigMap
metadata: {name: c, labels: {a: b}}
data: {x: "1"}
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {selector: {a: b}, ports: [{port: 80}]}
`;

export const kubectlRows: Row[] = [
  {
    name: "kubectl applies, and applies again what has changed",
    run: async (context) => {
      ok((await works(context, ["apply", "-f", "-"], MANIFEST)).includes("configmap/c created"));
      ok((await works(context, ["apply", "-f", "-"], MANIFEST)).includes("configmap/c unchanged"));
      const changed = MANIFEST.replace('x: "1"', 'z: "2"');
      ok((await works(context, ["apply", "-f", "-"], changed)).includes("configmap/c configured"));
      strictEqual(await works(context, ["get", "cm", "c", "-o", "jsonpath={.data}"]), '{"z":"2"}');
      const wrong = await kubectl(
        context,
        ["apply", "-f", "-"],
        MANIFEST.replace("\ndata:", "\ndada:"),
      );
      ok(wrong.code !== 0 && wrong.error.includes('unknown field "dada"'), wrong.error);
    },
  },
  {
    name: "kubectl applies server-side",
    run: async (context) => {
      ok(
        (await works(context, ["apply", "--server-side", "-f", "-"], MANIFEST)).includes(
          "configmap/c serverside-applied",
        ),
      );
      await works(context, ["patch", "cm", "c", "-p", '{"data":{"x":"3"}}']);
      const conflict = await kubectl(context, ["apply", "--server-side", "-f", "-"], MANIFEST);
      ok(
        conflict.error.includes('conflict with "kubectl-patch" using v1: .data.x'),
        conflict.error,
      );
      await works(context, ["apply", "--server-side", "--force-conflicts", "-f", "-"], MANIFEST);
      strictEqual(await works(context, ["get", "cm", "c", "-o", "jsonpath={.data.x}"]), "1");
    },
  },
  {
    name: "kubectl creates with protobuf bodies",
    run: async (context) => {
      await works(context, [
        "create",
        "secret",
        "generic",
        "s",
        "--from-literal=a=b",
        "--from-literal=empty=",
      ]);
      strictEqual(
        await works(context, ["get", "secret", "s", "-o", "jsonpath={.data.a} {.type}"]),
        "Yg== Opaque",
      );
      await works(context, ["create", "configmap", "c", "--from-literal=x=ü"]);
      strictEqual(await works(context, ["get", "cm", "c", "-o", "jsonpath={.data.x}"]), "ü");
      await works(context, ["create", "serviceaccount", "robot"]);
      await works(context, ["create", "role", "r", "--verb=get,list", "--resource=pods"]);
      await works(context, [
        "create",
        "rolebinding",
        "b",
        "--role=r",
        `--serviceaccount=${context.namespace}:robot`,
      ]);
      strictEqual(
        await works(context, [
          "get",
          "rolebinding",
          "b",
          "-o",
          "jsonpath={.subjects[0].name} {.roleRef.name}",
        ]),
        "robot r",
      );
      await works(context, [
        "create",
        "deployment",
        "d",
        "--image=nginx",
        "--replicas=0",
        "--port=80",
      ]);
      strictEqual(
        await works(context, [
          "get",
          "deploy",
          "d",
          "-o",
          "jsonpath={.spec.template.spec.containers[0].ports[0].containerPort}",
        ]),
        "80",
      );
      strictEqual((await works(context, ["auth", "can-i", "create", "pods"])).trim(), "yes");
      const denied = await kubectl(context, [
        "auth",
        "can-i",
        "delete",
        "pods",
        `--as=system:serviceaccount:${context.namespace}:robot`,
      ]);
      strictEqual(denied.out.trim(), "no", denied.error);
    },
  },
  {
    name: "kubectl gets, describes, explains and lists",
    run: async (context) => {
      await works(context, ["apply", "-f", "-"], MANIFEST);
      const table = await works(context, ["get", "service", "s"]);
      ok(
        /^NAME\s+TYPE\s+CLUSTER-IP\s+EXTERNAL-IP\s+PORT\(S\)\s+AGE\ns\s+ClusterIP\s+[\d.]+\s+<none>\s+80\/TCP/
          .test(table),
        table,
      );
      ok((await works(context, ["describe", "service", "s"])).includes("Selector:"));
      const text = await works(context, ["explain", "statefulset.spec.updateStrategy"]);
      ok(text.includes("rollingUpdate") && text.includes("StatefulSetUpdateStrategy"), text);
      ok((await works(context, ["api-resources", "--api-group=apps"])).includes("statefulsets"));
      ok((await works(context, ["get", "all"])).includes("service/s"));
      ok((await works(context, ["get", "cm", "-l", "a=b", "-o", "name"])).includes("configmap/c"));
    },
  },
  {
    name: "kubectl labels, annotates, patches, scales, replaces, waits and deletes",
    run: async (context) => {
      await works(context, ["apply", "-f", "-"], MANIFEST);
      await works(context, ["label", "cm", "c", "l=1"]);
      await works(context, ["annotate", "cm", "c", "n=1"]);
      await works(context, [
        "patch",
        "cm",
        "c",
        "--type=json",
        "-p",
        '[{"op":"replace","path":"/data/x","value":"9"}]',
      ]);
      strictEqual(
        await works(context, [
          "get",
          "cm",
          "c",
          "-o",
          "jsonpath={.metadata.labels.l}{.metadata.annotations.n}{.data.x}",
        ]),
        "119",
      );
      await works(context, ["wait", "--for=jsonpath={.data.x}=9", "cm/c", "--timeout=5s"]);
      await works(context, ["create", "deployment", "d", "--image=nginx", "--replicas=0"]);
      await works(context, ["scale", "deployment", "d", "--replicas=0"]);
      const service = await works(context, ["get", "service", "s", "-o", "yaml"]);
      await works(context, ["replace", "-f", "-"], service);
      await works(context, ["delete", "cm,service", "--all", "--timeout=10s"]);
      ok(!(await works(context, ["get", "service", "-o", "name"])).includes("service/s"));
    },
  },
  {
    name: "kubectl creates a token of a service account that lasts as long as asked",
    run: async (context) => {
      await works(context, ["create", "serviceaccount", "visitor"]);
      const token = (await works(context, ["create", "token", "visitor", "--duration=20m"])).trim();
      const claims = JSON.parse(
        atob(token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/")),
      );
      strictEqual(claims.sub, `system:serviceaccount:${context.namespace}:visitor`);
      strictEqual(claims.exp - claims.iat, 1200);
    },
  },
];
