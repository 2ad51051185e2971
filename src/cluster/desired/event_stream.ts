/**
 * FabricEventStreams: one for each application that streams events out of a cluster's tables.
 *
 * Zalando: pkg/cluster/streams.go, generateFabricEventStream
 */

import type {
  EventStream,
  EventStreamConnection,
  EventStreamSink,
  FabricEventStream,
} from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { ClusterIdentity } from "../effective/identity.ts";
import {
  type EffectiveStreams,
  STREAM_USER,
  type StreamApplication,
  type StreamedTable,
  type StreamSource,
} from "../effective/streams.ts";
import { workloadAnnotations } from "./annotations.ts";
import { clusterLabels } from "./labels.ts";
import { credentialSecretName } from "./names.ts";
import { ownerFields } from "./owner.ts";

/**
 * The streams of a cluster. Their names end in random characters: here `metadata.generateName`
 * stands for them, and an existing object is found again by its `spec.applicationId`.
 */
export function eventStreams(
  source: { readonly identity: ClusterIdentity; readonly streams: EffectiveStreams },
  config: Config,
): readonly FabricEventStream[] {
  return source.streams.applications.map((application) =>
    eventStream(source.identity, application, config)
  );
}

function eventStream(
  identity: ClusterIdentity,
  application: StreamApplication,
  config: Config,
): FabricEventStream {
  const { applicationId, cpu, memory, sources } = application;
  const resources = {
    ...(cpu === undefined ? {} : { "fes.zalando.org/FES_CPU": cpu }),
    ...(memory === undefined ? {} : { "fes.zalando.org/FES_MEMORY": memory }),
  };
  return {
    apiVersion: "zalando.org/v1",
    kind: "FabricEventStream",
    metadata: {
      generateName: `${identity.name}-`,
      namespace: identity.namespace,
      labels: clusterLabels(identity, "full"),
      ...workloadAnnotations(identity, resources),
      ...ownerFields(identity),
    },
    spec: {
      applicationId,
      eventStreams: sources.flatMap((source) => {
        const jdbcConnection = connection(identity, source, config);
        return source.tables.map((table) => tableStream(table, jdbcConnection));
      }),
    },
  };
}

function tableStream(table: StreamedTable, jdbcConnection: EventStreamConnection): EventStream {
  const { schema, name, idColumn, payloadColumn, filter } = table;
  return {
    flow: {
      type: "PostgresWalToGenericNakadiEvent",
      ...(payloadColumn === undefined ? {} : { payloadColumn }),
    },
    sink: sink(table.eventType, table.batchSize),
    source: {
      type: "PostgresLogicalReplication",
      schema,
      table: { name, ...(idColumn === undefined ? {} : { idColumn }) },
      ...(filter === undefined ? {} : { filter }),
      jdbcConnection,
    },
    recovery: table.recovery.type === "DeadLetter"
      ? { type: "DeadLetter", sink: sink(table.recovery.eventType, table.batchSize) }
      : { type: table.recovery.type, sink: null },
  };
}

function sink(eventType: string, maxBatchSize: number | undefined): EventStreamSink {
  return {
    type: "Nakadi",
    eventType,
    ...(maxBatchSize === undefined ? {} : { maxBatchSize }),
  };
}

function connection(
  identity: ClusterIdentity,
  { database, slot }: StreamSource,
  config: Config,
): EventStreamConnection {
  const host = `${identity.name}.${identity.namespace}`;
  return {
    jdbcUrl: `jdbc:postgresql://${host}/${database}?user=${STREAM_USER}&ssl=true&sslmode=require`,
    slotName: slot,
    pluginType: "pgoutput",
    databaseAuthentication: {
      type: "DatabaseAuthenticationSecret",
      name: credentialSecretName(STREAM_USER, identity.name, config),
      userKey: "username",
      passwordKey: "password",
    },
  };
}
