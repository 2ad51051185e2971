/** Objects that a pass was made from, by version and by who wrote them last: for those who ask why. */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { describeRef, refOf } from "../../ports/requests.ts";
import type { Source } from "../plan/steps/context.ts";

/** An object by its version and its last writer; who writes a status alone does not count. */
export function sourceOf(object: KubeObject): Source {
  const { resourceVersion = "", managedFields = [] } = object.metadata;
  const writers = managedFields.filter(({ subresource }) => !subresource);
  const newest = writers.reduce<typeof writers[number] | undefined>(
    (best, one) => (one.time ?? "") >= (best?.time ?? "") ? one : best,
    undefined,
  );
  return {
    object: describeRef(refOf(object)),
    resourceVersion,
    ...(newest?.manager === undefined ? {} : { manager: newest.manager }),
    ...(newest?.time === undefined ? {} : { time: newest.time }),
  };
}

/** The same reader, which notes in `found` what it has read. */
export function noting(reader: KubeReader, found: Source[]): KubeReader {
  return {
    async read(ref, signal) {
      const read = await reader.read(ref, signal);
      if (read.known && read.value !== undefined) found.push(sourceOf(read.value));
      return read;
    },
    listOfCluster: (query, signal) => reader.listOfCluster(query, signal),
  };
}

/** `resourceVersion 42, by kubectl-edit at 2026-01-05T12:00:00Z`. */
export function describeVersion({ resourceVersion, manager, time }: Source): string {
  const who = manager === undefined ? "" : `, by ${manager}`;
  const when = time === undefined ? "" : ` at ${time}`;
  return `resourceVersion ${resourceVersion}${who}${when}`;
}
