/**
 * What the web UI is told by environment variables: Zalando's names and meanings, and our own for
 * signing in. Pure.
 *
 * Zalando: ui/operator_ui/main.py, ui/operator_ui/spiloutils.py
 */

import type { StoreAddress } from "../clients/stores/store.ts";
import { nearestName } from "../lib/nearest_name.ts";
import { isIn, type Network, parseNetwork } from "./networks.ts";

/** How people are known: by their own token, by a proxy's word, or by the teams of that word. */
export type SignIn = "token" | "proxy" | "teams";

/** Who may name the user of a request, and how. */
export interface ProxySettings {
  /** Addresses that the proxy speaks from; nobody else's headers count. */
  readonly networks: readonly Network[];
  /** Has to be in the header `X-Proxy-Secret`; empty where the addresses are enough. */
  readonly secret: string;
  readonly userHeader: string;
  readonly groupsHeader: string;
}

/** Where base backups of clusters are. */
export interface StoreSettings extends StoreAddress {
  /** Ends in a slash. */
  readonly prefix: string;
}

export interface UiSettings {
  readonly port: number;
  readonly operatorUrl: string;
  /** Undefined for all namespaces. */
  readonly namespace: string | undefined;
  readonly clusterNameLabel: string;
  readonly signIn: SignIn;
  readonly readOnly: boolean;
  readonly teams: readonly string[];
  readonly teamServiceUrl: string;
  readonly superuserTeam: string;
  readonly serviceToken: string;
  readonly proxy: ProxySettings;
  readonly store: StoreSettings;
  /** Folder with manifests to begin with; empty for none. */
  readonly templates: string;
  /** What `/config` answers, before what is looked up at each request. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Settings, and what is wrong or without effect in words. */
export interface ReadSettings {
  readonly settings: UiSettings;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Variables that are accepted and change nothing, and why. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  CLUSTERS: "the cluster is that of the kubeconfig or of the pod",
  GOOGLE_ANALYTICS: "the pages ask no other host",
  APP_URL: "addresses are relative",
  OPERATOR_UI_MAINTENANCE_CHECK: "the pages do not ask other servers",
  COMMON_CLUSTER_LABEL: "pods are found by the label with the cluster's name",
  COMMON_POOLER_LABEL: "poolers are found by their names",
};

/** Every variable that is read, for the names of those that nobody knows. */
export const KNOWN_VARIABLES: readonly string[] = [
  ...Object.keys(WITHOUT_EFFECT),
  "SERVER_PORT",
  "OPERATOR_API_URL",
  "TARGET_NAMESPACE",
  "OPERATOR_CLUSTER_NAME_LABEL",
  "TEAMS",
  "TEAM_SERVICE_URL",
  "SUPERUSER_TEAM",
  "READ_ONLY_MODE",
  "SERVICE_TOKEN",
  "OPERATOR_UI_CONFIG",
  "SPILO_S3_BACKUP_BUCKET",
  "SPILO_S3_BACKUP_PREFIX",
  "AWS_ENDPOINT",
  "RESOURCES_VISIBLE",
  "MIN_PODS",
  "CONNECTION_DOCS",
  "APPLICATION_DEPLOYMENT_DOCS",
  "CUSTOM_MESSAGE_RED",
  "COST_EBS",
  "COST_IOPS",
  "COST_THROUGHPUT",
  "COST_CORE",
  "COST_MEMORY",
  "COST_ELB",
  "FREE_IOPS",
  "LIMIT_IOPS",
  "FREE_THROUGHPUT",
  "LIMIT_THROUGHPUT",
  "DEFAULT_CPU",
  "DEFAULT_CPU_LIMIT",
  "DEFAULT_MEMORY",
  "DEFAULT_MEMORY_LIMIT",
  "OPERATOR_UI_SIGN_IN",
  "OPERATOR_UI_PROXY_ADDRESSES",
  "OPERATOR_UI_PROXY_SECRET",
  "OPERATOR_UI_USER_HEADER",
  "OPERATOR_UI_GROUPS_HEADER",
  "OPERATOR_UI_BACKUP_STORE",
  "OPERATOR_UI_TEMPLATES",
];

/** Keys of `OPERATOR_UI_CONFIG` beside those that variables set. */
const FURTHER_KEYS: readonly string[] = [
  "docs_link",
  "dns_format_string",
  "pgview_link",
  "pgui_link",
  "postgresql_versions",
  "static_network_whitelist",
  "users_visible",
  "databases_visible",
  "nat_gateways_visible",
  "odd_host_visible",
  "master_load_balancer_visible",
  "replica_load_balancer_visible",
  "connection_pooler_visible",
  "replica_connection_pooler_visible",
  "master_pooler_load_balancer_visible",
  "replica_pooler_load_balancer_visible",
  "kubernetes_maintenance_check",
];

/** Keys whose values pages go through, and what they must be. */
const SHAPES: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  postgresql_versions: [
    (value) => Array.isArray(value) && value.length > 0,
    'must be a list such as ["17", "18"]',
  ],
  static_network_whitelist: [
    (value) => isRecord(value) && Object.values(value).every(isTexts),
    'must be lists of networks by name, such as {"office": ["192.0.2.0/24"]}',
  ],
  dns_format_string: [
    (value) => typeof value === "string",
    'must be a text such as "{0}.{1}"',
  ],
};

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** Zalando's defaults. */
const NUMBERS: Readonly<Record<string, number>> = {
  COST_EBS: 0.0952,
  COST_IOPS: 0.006,
  COST_THROUGHPUT: 0.0476,
  COST_CORE: 0.0575,
  COST_MEMORY: 0.014375,
  COST_ELB: 0.03,
  FREE_IOPS: 3000,
  LIMIT_IOPS: 80000,
  FREE_THROUGHPUT: 125,
  LIMIT_THROUGHPUT: 2000,
  MIN_PODS: 2,
};

const SWITCHES: Readonly<Record<string, boolean>> = {
  odd_host_visible: true,
  nat_gateways_visible: true,
  users_visible: true,
  databases_visible: true,
};

/** Reads the variables; a wrong one is a problem and leaves its default. */
export function readSettings(variables: Variables): ReadSettings {
  const problems: string[] = [];
  const warnings = warningsOf(variables);
  const text = (name: string, fallback = "") => variables[name] || fallback;
  const json = <T>(name: string, fallback: T, fits: (value: unknown) => boolean): T => {
    if (!variables[name]) return fallback;
    try {
      const value: unknown = JSON.parse(variables[name]);
      if (fits(value)) return value as T;
    } catch {
      // Said below.
    }
    problems.push(`${name} is not the JSON that is expected, such as ${JSON.stringify(fallback)}`);
    return fallback;
  };
  const overrides = json<Record<string, unknown>>("OPERATOR_UI_CONFIG", {}, isRecord);
  const teams = json<string[]>("TEAMS", [], Array.isArray).map((team) =>
    String(team).toLowerCase()
  );
  const target = variables["TARGET_NAMESPACE"] ?? "";
  const settings: UiSettings = {
    port: numberOf(variables, "SERVER_PORT", 8081, problems),
    operatorUrl: text("OPERATOR_API_URL", "http://postgres-operator").replace(/\/+$/, ""),
    namespace: target === "" || target === "*" ? undefined : target,
    clusterNameLabel: text("OPERATOR_CLUSTER_NAME_LABEL", "cluster-name"),
    signIn: signInOf(variables, problems),
    readOnly: switchOf(variables, "READ_ONLY_MODE", true, problems),
    teams,
    teamServiceUrl: text("TEAM_SERVICE_URL"),
    superuserTeam: text("SUPERUSER_TEAM").toLowerCase(),
    serviceToken: text("SERVICE_TOKEN"),
    proxy: proxyOf(variables, problems),
    store: storeOf(variables, problems),
    templates: text("OPERATOR_UI_TEMPLATES").replace(/\/+$/, ""),
    shown: {},
  };
  checkProxy(settings, { warnings, problems });
  const before = shownOf(variables, settings, problems);
  checkOverrides(overrides, [...Object.keys(before), ...FURTHER_KEYS], { warnings, problems });
  const shown = { ...before, ...overrides };
  return { settings: { ...settings, shown }, warnings, problems };
}

function warningsOf(variables: Variables): string[] {
  const idle = Object.entries(WITHOUT_EFFECT).filter(([name]) => variables[name])
    .map(([name, why]) => `${name} has no effect: ${why}`);
  const unknown = Object.keys(variables)
    .filter((name) => /^(OPERATOR_UI_|SPILO_S3_|COST_)/.test(name))
    .filter((name) => !KNOWN_VARIABLES.includes(name))
    .map((name) => notKnown(name, KNOWN_VARIABLES));
  return [...idle, ...unknown];
}

function notKnown(name: string, names: readonly string[]): string {
  const lower = new Map(names.map((known) => [known.toLowerCase(), known]));
  const nearest = lower.get(nearestName(name, lower.keys()) ?? "");
  return `${name} is not known${nearest === undefined ? "" : `; is ${nearest} meant?`}`;
}

/** Keys that nobody knows are told and served as they are: people may have pages of their own. */
function checkOverrides(
  overrides: Readonly<Record<string, unknown>>,
  known: readonly string[],
  { warnings, problems }: { readonly warnings: string[]; readonly problems: string[] },
): void {
  for (const [key, value] of Object.entries(overrides)) {
    if (!known.includes(key)) warnings.push(`OPERATOR_UI_CONFIG: ${notKnown(key, known)}`);
    const [fits, rule] = (Object.hasOwn(SHAPES, key) ? SHAPES[key] : undefined) ?? [];
    if (fits?.(value) === false) problems.push(`OPERATOR_UI_CONFIG: ${key} ${rule}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOf(
  variables: Variables,
  name: string,
  fallback: number,
  problems: string[],
): number {
  const text = variables[name];
  if (!text) return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  problems.push(`${name} must be a number, not ${JSON.stringify(text)}`);
  return fallback;
}

/** As Python's UI reads switches: the words for true, everything else is false. */
function switchOf(
  variables: Variables,
  name: string,
  fallback: boolean,
  problems: string[],
): boolean {
  const text = variables[name]?.trim().toLowerCase();
  if (!text) return fallback;
  if (["1", "true", "t", "y", "yes", "on"].includes(text)) return true;
  if (["0", "false", "f", "n", "no", "off"].includes(text)) return false;
  problems.push(`${name} must be true or false, not ${JSON.stringify(variables[name])}`);
  return fallback;
}

function signInOf(variables: Variables, problems: string[]): SignIn {
  const mode = variables["OPERATOR_UI_SIGN_IN"] || "token";
  if (mode === "token" || mode === "proxy" || mode === "teams") return mode;
  problems.push(`OPERATOR_UI_SIGN_IN must be token, proxy or teams, not ${JSON.stringify(mode)}`);
  return "token";
}

function proxyOf(variables: Variables, problems: string[]): ProxySettings {
  const signIn = variables["OPERATOR_UI_SIGN_IN"];
  const networks = (variables["OPERATOR_UI_PROXY_ADDRESSES"] ?? "").split(",")
    .map((part) => part.trim()).filter((part) => part !== "").flatMap((part) => {
      const network = parseNetwork(part);
      if (network === undefined) {
        problems.push(
          `OPERATOR_UI_PROXY_ADDRESSES: ${JSON.stringify(part)} is no address or network`,
        );
      }
      return network ?? [];
    });
  return {
    networks,
    secret: variables["OPERATOR_UI_PROXY_SECRET"] ?? "",
    userHeader: variables["OPERATOR_UI_USER_HEADER"] ||
      (signIn === "teams" ? "X-Uid" : "X-Forwarded-User"),
    groupsHeader: variables["OPERATOR_UI_GROUPS_HEADER"] || "X-Forwarded-Groups",
  };
}

/** A mode that goes by headers needs to know whose. */
function checkProxy(
  { signIn, proxy }: UiSettings,
  { warnings, problems }: { readonly warnings: string[]; readonly problems: string[] },
): void {
  if (signIn === "token") return;
  if (proxy.networks.length === 0) {
    problems.push(
      `OPERATOR_UI_SIGN_IN=${signIn} goes by headers of a proxy: name its addresses in ` +
        "OPERATOR_UI_PROXY_ADDRESSES, such as 10.0.0.0/8",
    );
  }
  if (proxy.secret === "" && ["127.0.0.1", "::1"].some((here) => isIn(proxy.networks, here))) {
    warnings.push(
      "whoever runs a program or a browser where the UI runs may speak as the proxy: " +
        "OPERATOR_UI_PROXY_ADDRESSES holds this machine; set OPERATOR_UI_PROXY_SECRET too",
    );
  }
}

function storeOf(variables: Variables, problems: string[]): StoreSettings {
  const own = variables["OPERATOR_UI_BACKUP_STORE"] ?? "";
  const s3 = variables["SPILO_S3_BACKUP_BUCKET"] ?? "";
  if (own !== "" && !/^(s3:\/\/[^/]+|gs:\/\/[^/]+|azure:\/\/[^/]+\/[^/]+)$/.test(own)) {
    problems.push(
      "OPERATOR_UI_BACKUP_STORE must be s3://BUCKET, gs://BUCKET or azure://ACCOUNT/CONTAINER, " +
        `not ${JSON.stringify(own)}`,
    );
  }
  const prefix = variables["SPILO_S3_BACKUP_PREFIX"] || "spilo/";
  return {
    bucket: own || (s3 === "" ? "" : `s3://${s3}`),
    prefix: prefix.endsWith("/") ? prefix : `${prefix}/`,
    endpoint: (variables["AWS_ENDPOINT"] ?? "").replace(/\/+$/, ""),
    region: variables["AWS_REGION"] || variables["AWS_DEFAULT_REGION"] || "us-east-1",
  };
}

/** Zalando: main.py, DEFAULT_UI_CONFIG. */
function shownOf(
  variables: Variables,
  settings: UiSettings,
  problems: string[],
): Record<string, unknown> {
  const numbers = Object.fromEntries(
    Object.entries(NUMBERS).map(([name, fallback]) => [
      name.toLowerCase(),
      numberOf(variables, name, fallback, problems),
    ]),
  );
  return {
    docs_link: "",
    ...SWITCHES,
    resources_visible: switchOf(variables, "RESOURCES_VISIBLE", true, problems),
    postgresql_versions: ["14", "15", "16", "17", "18"],
    dns_format_string: "{0}.{1}",
    pgui_link: "",
    static_network_whitelist: {},
    read_only_mode: settings.readOnly,
    superuser_team: settings.superuserTeam,
    target_namespace: settings.namespace ?? "",
    connection_docs: variables["CONNECTION_DOCS"] ?? "",
    application_deployment_docs: variables["APPLICATION_DEPLOYMENT_DOCS"] ?? "",
    // Prices are those of one provider: who shows them has looked at them.
    cost_visible: Object.keys(variables).some((name) => name.startsWith("COST_")),
    custom_message: variables["CUSTOM_MESSAGE_RED"] ?? "",
    default_cpu: variables["DEFAULT_CPU"] || "10m",
    default_cpu_limit: variables["DEFAULT_CPU_LIMIT"] || "300m",
    default_memory: variables["DEFAULT_MEMORY"] || "300Mi",
    default_memory_limit: variables["DEFAULT_MEMORY_LIMIT"] || "300Mi",
    ...numbers,
  };
}
