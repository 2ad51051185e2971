/** What a pass reads and writes with, made of concrete clients. */

import type { Caches } from "../clients/kube/caches/cache.ts";
import type { KubeClient } from "../clients/kube/client.ts";
import { createDirectReader } from "../clients/kube/direct.ts";
import type { KubeConnection } from "../clients/kube/connection/connection.ts";
import { createPodExec } from "../clients/kube/streams/exec.ts";
import { createCloudVolumes } from "../clients/aws/volumes.ts";
import { createPatroniApi } from "../clients/patroni/client.ts";
import {
  createSqlConnector,
  type DatabaseAddress,
  serviceAddress,
} from "../clients/postgres/connector.ts";
import { createDerivedVerifiers } from "../cluster/pass/passwords.ts";
import { createVolumeReader } from "../cluster/pass/volume_reader.ts";
import { createCatalogReader } from "../cluster/pass/catalog_reader.ts";
import { readBackups } from "../cluster/observed/read_backups.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import type { CommandLine } from "../command_line.ts";
import type { Config } from "../config/config.ts";
import { infrastructureRoleDefinitions } from "../config/infrastructure_roles.ts";
import { namesakesOf } from "../cluster/pass/ownership.ts";
import { createTeamReader } from "../controller/teams.ts";
import { known, type Observation, unknown } from "../ports/observation.ts";
import type { EventSink } from "../ports/ports.ts";
import type { SqlTarget } from "../ports/requests.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { followNodes } from "./nodes.ts";
import type { CertificateEnds } from "../controller/certificate_readings.ts";
import { newPassword } from "./passwords.ts";
import { teamsApi } from "./teams_token.ts";

/** What the tools are made of. */
export interface ToolParts {
  readonly config: Config;
  readonly databaseAddress: CommandLine["databaseAddress"];
  readonly caches: Caches;
  readonly connection: KubeConnection;
  readonly client: KubeClient;
  readonly events: EventSink;
  readonly certificates: Pick<CertificateEnds, "note">;
}

/** Makes the tools of all passes. */
export function passTools(parts: ToolParts): PassTools {
  const { config, caches, connection, client, events } = parts;
  const patroni = createPatroniApi();
  const exec = createPodExec(connection);
  const sql = createSqlConnector({
    addressOf: addressBy(parts),
    certificateSeen: parts.certificates.note,
  });
  const volumes = createCloudVolumes({
    region: config.awsRegion,
    env: (name) => Deno.env.get(name),
    readFile: (path) => Deno.readTextFile(path),
    now: Date.now,
  });
  return {
    config,
    kube: caches.reader,
    inputs: {
      kube: caches.inputs,
      owned: caches.reader,
      teams: createTeamReader(config, teamsApi(config, caches), Date.now),
      postgresTeams: () => caches.list(RESOURCES.PostgresTeam),
      infrastructureRoleDefinitions: infrastructureRoleDefinitions(config),
      eventStreamsSupported: () => eventStreamsSupported(caches),
    },
    patroni,
    nodes: followNodes(caches),
    namesakes: (of) => namesakesOf(caches.list(RESOURCES.Postgresql), of, config),
    catalog: createCatalogReader(sql),
    ebsVolumes: createVolumeReader({ kube: createDirectReader(client, ""), cloud: volumes }),
    backups: (primary, signal) => readBackups(exec, primary, signal),
    derived: createDerivedVerifiers(),
    writers: {
      kube: caches.writer,
      events,
      patroni,
      sql,
      exec,
      volumes,
    },
    clock: { now: () => new Date() },
    newPassword: () => newPassword(),
  };
}

/** By the name of the primary's Service, or by its address where names cannot be resolved. */
function addressBy(
  { databaseAddress, config, caches }: ToolParts,
): (target: SqlTarget) => DatabaseAddress {
  const byName = serviceAddress(config.clusterDomain);
  if (databaseAddress === "name") return byName;
  return (target) => {
    const name = { namespace: target.namespace, name: target.cluster };
    const host = caches.peek(RESOURCES.Service, name)?.spec?.clusterIP ?? "";
    return host === "" || host === "None" ? byName(target) : { ...byName(target), host };
  };
}

function eventStreamsSupported(caches: Caches): Observation<boolean> {
  const cache = caches.sizes().find(({ kind }) => kind === "FabricEventStream");
  if (cache === undefined || cache.state === "starting") return unknown("not looked up yet");
  return known(cache.state !== "unserved");
}
