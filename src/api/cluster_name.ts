/**
 * Rules for names of clusters. Services carry the name, one of them with `-repl` behind it, so it has
 * to be a Service name and leave room for that. Kubernetes labels the pods of a StatefulSet with its
 * name, a dash and ten letters, and makes no pod where that label is too long.
 *
 * Zalando: pkg/apis/acid.zalan.do/v1/util.go, ExtractClusterName and
 * validateCloneClusterDescription
 */

const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Most that Kubernetes lets the name of a Service have. */
const SERVICE_NAME_LENGTH = 63;

/** What Kubernetes puts behind the name in the label `controller-revision-hash`. */
const REVISION_LENGTH = "-".length + 10;

/** Most that the name of a cluster may have, so that its pods can be made. */
export const CLUSTER_NAME_LENGTH = SERVICE_NAME_LENGTH - REVISION_LENGTH;

/** The longest ending of a pooler's name; poolers are named, labelled and served by their full name. */
const POOLER_ENDINGS = { primary: "-pooler", replica: "-pooler-repl" };

/** The rule that a cluster's name breaks for a pooler; undefined when the pooler can have its name. */
export function poolerNameProblem(name: string, role: "primary" | "replica"): string | undefined {
  const most = SERVICE_NAME_LENGTH - POOLER_ENDINGS[role].length;
  if (name.length <= most) return undefined;
  return `needs a cluster name of at most ${most} characters: ` +
    `the Service ${name}${POOLER_ENDINGS[role]} cannot have so long a name`;
}

/** The rule that a cluster's name breaks; undefined when it can be used. */
export function clusterNameProblem(name: string): string | undefined {
  if (name.length > CLUSTER_NAME_LENGTH) {
    return `must not be longer than ${CLUSTER_NAME_LENGTH} characters`;
  }
  return SERVICE_NAME.test(name) ? undefined : `must match ${SERVICE_NAME.source}`;
}

/** The rule that a name `<team>-<rest>` breaks; upper and lower case of the team are the same. */
export function teamPrefixProblem(name: string, team: string): string | undefined {
  if (team === "") return "must begin with the team, and spec.teamId is empty";
  const prefix = `${team}-`.toLowerCase();
  const begins = name.toLowerCase().startsWith(prefix) && name.length > prefix.length;
  return begins ? undefined : `must begin with the team (spec.teamId) and a dash: ${prefix}…`;
}

/** The rule that the name of a cluster to copy breaks, which is looked up as a Service. */
export function cloneSourceProblem(name: string): string | undefined {
  if (name.length > SERVICE_NAME_LENGTH) {
    return `must not be longer than ${SERVICE_NAME_LENGTH} characters`;
  }
  return SERVICE_NAME.test(name) ? undefined : `must match ${SERVICE_NAME.source}`;
}
