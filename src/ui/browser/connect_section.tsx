/** How to reach a cluster's databases, for the user and the database that somebody chooses. */

import { useState } from "preact/hooks";
import type { ConfigView } from "../../debug/shapes.ts";
import type { Json } from "../changed_paths.ts";
import { part } from "./api.ts";
import { clientTexts, databasesOf, secretOf, usersOf, waysTo } from "./connection.ts";
import { Select } from "./fields.tsx";
import { Section, useAsked } from "./parts.tsx";

export function ConnectSection({ namespace, name }: { namespace: string; name: string }) {
  const { value } = useAsked<Json>(`postgresqls/${part(namespace)}/${part(name)}`, 0);
  const { value: config } = useAsked<ConfigView>("operator/config", 0);
  if (value === undefined) return null;
  const template = config?.operator["SecretNameTemplate"];
  return (
    <Connect
      manifest={value}
      template={typeof template === "string" ? template : undefined}
    />
  );
}

function Connect({ manifest, template }: { manifest: Json; template: string | undefined }) {
  const [users, databases, ways] = [usersOf(manifest), databasesOf(manifest), waysTo(manifest)];
  const [user, setUser] = useState(users[0]!);
  const [database, setDatabase] = useState(databases[0]!);
  const [what, setWhat] = useState(ways[0]!.what);
  const way = ways.find((one) => one.what === what) ?? ways[0]!;
  const secret = secretOf(manifest, user, template || undefined);
  const namespace = way.host.split(".")[1] ?? "";
  return (
    <Section title="Connect">
      <div class="sheet">
        <div class="pair">
          <Select label="By" value={what} set={setWhat} options={ways.map((one) => one.what)} />
          <Select label="As" value={user} set={setUser} options={users} />
          <Select label="To database" value={database} set={setDatabase} options={databases} />
        </div>
        <dl class="texts">
          {clientTexts(way.host, user, database).map(([client, text]) => (
            <div key={client}>
              <dt>{client}</dt>
              <dd>
                <code class="line">{text}</code>
              </dd>
            </div>
          ))}
          <div>
            <dt>Password</dt>
            <dd>
              <code class="line">
                kubectl get secret --namespace {namespace} {secret}{" "}
                -o 'go-template={"{{.data.password | base64decode}}"}'
              </code>
            </dd>
          </div>
        </dl>
      </div>
    </Section>
  );
}
