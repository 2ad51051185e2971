/** How to reach a cluster's databases; passwords stay where they are. */

import { Section } from "./parts.tsx";

export function ConnectSection({ namespace, name }: { namespace: string; name: string }) {
  const host = `${name}.${namespace}`;
  return (
    <Section title="Connect">
      <ul class="plain">
        <li>
          Host <code>{host}</code>, port 5432; replicas at <code>{name}-repl.{namespace}</code>
        </li>
        <li>
          Password of a user: Secret{" "}
          <code class="line">USER.{name}.credentials.postgresql.acid.zalan.do</code>
        </li>
        <li>
          <code class="line">
            psql "host={host} dbname=DATABASE user=USER sslmode=require"
          </code>
        </li>
      </ul>
    </Section>
  );
}
