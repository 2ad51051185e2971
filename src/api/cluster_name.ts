/**
 * Rules for names of clusters. Services carry the name, one of them with `-repl` behind it, so it has
 * to be a Service name and leave room for that.
 *
 * Zalando: pkg/apis/acid.zalan.do/v1/util.go, ExtractClusterName and
 * validateCloneClusterDescription
 */

const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Most that Kubernetes lets the name of a Service have. */
const SERVICE_NAME_LENGTH = 63;

/** Most that the name of a cluster may have, so that its replica Service has a name. */
export const CLUSTER_NAME_LENGTH = SERVICE_NAME_LENGTH - "-repl".length;

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
