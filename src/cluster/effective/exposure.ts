/**
 * Resolves how the services of a cluster are reachable: type, node port, source ranges, traffic
 * policy, annotations and DNS names, for both roles and both poolers.
 *
 * Zalando: pkg/cluster/k8sres.go, generateService, generateServiceAnnotations;
 * pkg/cluster/connection_pooler.go, generateConnectionPoolerService; pkg/cluster/util.go, dnsName
 */

import type { Postgresql, PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { fillTemplate } from "../../lib/template.ts";

/** How one service is reachable. Absent fields are left to the API server. */
export interface ServiceExposure {
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer";
  /** Only a port that the manifest asks for. */
  readonly nodePort?: number;
  readonly sourceRanges?: readonly string[];
  readonly externalTrafficPolicy?: "Cluster" | "Local";
  readonly internalTrafficPolicy?: "Cluster" | "Local";
  readonly ipFamilies?: readonly ("IPv4" | "IPv6")[];
  readonly ipFamilyPolicy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  /** Only of a load balancer. */
  readonly loadBalancerClass?: string;
  /** Without what the service inherits from the cluster's metadata. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Exposure {
  readonly primary: ServiceExposure;
  readonly replica: ServiceExposure;
  readonly primaryPooler: ServiceExposure;
  readonly replicaPooler: ServiceExposure;
}

/** Read by external-dns; only this operator writes it on its services. */
export const DNS_NAME_ANNOTATION = "external-dns.alpha.kubernetes.io/hostname";

/** A load balancer without allowed ranges is closed to all but the machine itself. */
const CLOSED_RANGES = ["127.0.0.1/32"];

/** Longest cluster name whose services still have valid names. */
const CLUSTER_NAME_LENGTH = 58;
const DNS_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

interface Switches {
  readonly role: "primary" | "replica";
  readonly loadBalancer: boolean;
  readonly nodePort: boolean;
  /** The port of the manifest counts only where the manifest switches the node port on. */
  readonly port: number | undefined;
  readonly dnsName: string;
}

/** Settles how the four services of a cluster are reachable. */
export function resolveExposure(cluster: Postgresql, config: Config): Exposure {
  const serviceOf = (switches: Switches) => serviceExposure(cluster.spec, config, switches);
  const { spec } = cluster;
  return {
    primary: serviceOf({
      role: "primary",
      loadBalancer: spec.enableMasterLoadBalancer ?? config.enableMasterLoadBalancer,
      nodePort: spec.enableMasterNodePort ?? config.enableMasterNodePort,
      port: spec.enableMasterNodePort === undefined ? undefined : spec.masterNodePort,
      dnsName: clusterDnsName(cluster, config, "primary"),
    }),
    replica: serviceOf({
      role: "replica",
      loadBalancer: spec.enableReplicaLoadBalancer ?? config.enableReplicaLoadBalancer,
      nodePort: spec.enableReplicaNodePort ?? config.enableReplicaNodePort,
      port: spec.enableReplicaNodePort === undefined ? undefined : spec.replicaNodePort,
      dnsName: clusterDnsName(cluster, config, "replica"),
    }),
    primaryPooler: serviceOf({
      role: "primary",
      loadBalancer: spec.enableMasterPoolerLoadBalancer ?? config.enableMasterPoolerLoadBalancer,
      nodePort: spec.enableMasterPoolerNodePort ?? config.enableMasterPoolerNodePort,
      port: spec.enableMasterPoolerNodePort === undefined ? undefined : spec.masterPoolerNodePort,
      dnsName: poolerDnsName(cluster, config, "primary"),
    }),
    replicaPooler: serviceOf({
      role: "replica",
      loadBalancer: spec.enableReplicaPoolerLoadBalancer ?? config.enableReplicaPoolerLoadBalancer,
      nodePort: spec.enableReplicaPoolerNodePort ?? config.enableReplicaPoolerNodePort,
      port: spec.enableReplicaPoolerNodePort === undefined ? undefined : spec.replicaPoolerNodePort,
      dnsName: poolerDnsName(cluster, config, "replica"),
    }),
  };
}

/** A node port outranks a load balancer; a name in DNS goes with a load balancer only. */
function serviceExposure(
  spec: PostgresqlSpec,
  config: Config,
  switches: Switches,
): ServiceExposure {
  const annotations: Record<string, string> = {
    ...config.customServiceAnnotations,
    ...spec.serviceAnnotations,
    ...(switches.role === "primary"
      ? spec.masterServiceAnnotations
      : spec.replicaServiceAnnotations),
  };
  const network = networkOf(spec);
  if (switches.nodePort) {
    return {
      type: "NodePort",
      ...network,
      ...(switches.port ? { nodePort: switches.port } : {}),
      ...trafficPolicy(config),
      annotations,
    };
  }
  if (!switches.loadBalancer) return { type: "ClusterIP", ...network, annotations };
  const ranges = spec.allowedSourceRanges ?? [];
  return {
    type: "LoadBalancer",
    ...network,
    ...(spec.loadBalancerClass ? { loadBalancerClass: spec.loadBalancerClass } : {}),
    sourceRanges: ranges.length > 0 ? ranges : CLOSED_RANGES,
    ...trafficPolicy(config),
    annotations: { ...annotations, [DNS_NAME_ANNOTATION]: switches.dnsName },
  };
}

/** What the manifest says of addresses and of traffic inside of the cluster; the same for all. */
function networkOf(
  { internalTrafficPolicy, ipFamilies, ipFamilyPolicy }: PostgresqlSpec,
): Pick<ServiceExposure, "internalTrafficPolicy" | "ipFamilies" | "ipFamilyPolicy"> {
  return {
    ...(internalTrafficPolicy ? { internalTrafficPolicy } : {}),
    ...(ipFamilies?.length ? { ipFamilies } : {}),
    ...(ipFamilyPolicy ? { ipFamilyPolicy } : {}),
  };
}

function trafficPolicy(config: Config): Pick<ServiceExposure, "externalTrafficPolicy"> {
  const policy = config.externalTrafficPolicy;
  return policy === "Cluster" || policy === "Local" ? { externalTrafficPolicy: policy } : {};
}

/** One name, and a second one in the older form where the cluster's name starts with its team. */
function clusterDnsName(cluster: Postgresql, config: Config, role: "primary" | "replica"): string {
  const { name = "" } = cluster.metadata;
  const current = dnsName(cluster, config, { role, cluster: name });
  const shortName = nameWithoutTeam(name, cluster.spec.teamId);
  if (shortName === undefined) return current;
  const legacyFormat = role === "primary"
    ? config.masterLegacyDnsNameFormat
    : config.replicaLegacyDnsNameFormat;
  const legacy = fillTemplate(legacyFormat, {
    cluster: shortName,
    team: cluster.spec.teamId,
    hostedzone: config.dbHostedZone,
  }).toLowerCase();
  return `${current},${legacy}`;
}

// The replica's format adds its own suffix, therefore both roles start from the primary pooler.
function poolerDnsName(cluster: Postgresql, config: Config, role: "primary" | "replica"): string {
  return dnsName(cluster, config, { role, cluster: `${cluster.metadata.name ?? ""}-pooler` });
}

function dnsName(
  cluster: Postgresql,
  config: Config,
  of: { role: "primary" | "replica"; cluster: string },
): string {
  const format = of.role === "primary" ? config.masterDnsNameFormat : config.replicaDnsNameFormat;
  return fillTemplate(format, {
    cluster: of.cluster,
    namespace: cluster.metadata.namespace ?? "",
    team: cluster.spec.teamId,
    hostedzone: config.dbHostedZone,
  }).toLowerCase();
}

/** `<team>-<rest>` gives the rest; a name of another form, or too long, gives undefined. */
function nameWithoutTeam(name: string, team: string): string | undefined {
  if (team === "" || name.length < team.length + 2) return undefined;
  if (name.slice(0, team.length + 1).toLowerCase() !== `${team.toLowerCase()}-`) return undefined;
  if (name.length > CLUSTER_NAME_LENGTH || !DNS_LABEL.test(name)) return undefined;
  return name.slice(team.length + 1);
}
