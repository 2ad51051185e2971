/** Small changes of a manifest: what the older plugin of the Zalando operator had. */

import type { Postgresql, UserFlag } from "../../api/types.gen.ts";
import { compareQuantities, parseQuantity } from "../../lib/quantity.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import { refTo } from "../../ports/typed.ts";
import { readCluster } from "../read.ts";
import { CommandError, type Session } from "../session.ts";

/** A change of the manifest, or a text that says why there is none. */
export type Change = (cr: Postgresql) => Readonly<Record<string, unknown>> | string;

/** Another number of instances. */
export function scaled(count: number): Change {
  return ({ spec }) =>
    spec.numberOfInstances === count
      ? `it has ${count} instances already`
      : { numberOfInstances: count };
}

/** One more user, with these flags. */
export function withUser(name: string, flags: readonly string[]): Change {
  return ({ spec }) =>
    Object.hasOwn(spec.users ?? {}, name)
      ? `spec.users has ${name} already`
      : { users: { [name]: flags as readonly UserFlag[] } };
}

/** One more database. */
export function withDatabase(name: string, owner: string): Change {
  return ({ spec }) => {
    const { databases = {}, users = {} } = spec;
    if (Object.hasOwn(databases, name)) return `spec.databases has ${name} already`;
    if (!Object.hasOwn(users, owner)) {
      return `there is no user ${owner} in spec.users: add it first, with add-user`;
    }
    return { databases: { [name]: owner } };
  };
}

/** A larger volume; none gets smaller. */
export function withVolume(size: string): Change {
  return ({ spec }) => {
    const [before, after] = [parseQuantity(spec.volume.size), parseQuantity(size)];
    if (after === undefined) return `${size} is no size such as 20Gi`;
    if (before !== undefined && compareQuantities(after, before) <= 0) {
      return `volumes only grow: it has ${spec.volume.size}`;
    }
    return { volume: { size } };
  };
}

/** Makes the change. @throws CommandError where there is nothing to change */
export async function change(session: Session, name: string, make: Change): Promise<number> {
  const { kube, namespace, signal, terminal } = session;
  const cr = await readCluster(session, name);
  const spec = make(cr);
  if (typeof spec === "string") throw new CommandError(`${namespace}/${name}: ${spec}`);
  const { resourceVersion } = cr.metadata;
  // Somebody else's change in between is not overwritten.
  const body = { metadata: { resourceVersion }, spec };
  await kube.patch(refTo(RESOURCES.Postgresql, { namespace, name }), {
    type: "merge",
    body,
    signal,
  });
  terminal.print(`${namespace}/${name} is changed: ${JSON.stringify(spec)}\n`);
  return 0;
}
