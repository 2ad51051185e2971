/**
 * What a manifest or a configuration can ask for in pods and claims, one small sample each, as it
 * would be sent: the API server adds its defaults and rewrites quantities. `record_stored.ts` asks a
 * real one; `stored_test.ts` holds the comparison to the answers.
 */

import { AMOUNTS } from "./amounts.ts";
import { CONTAINERS } from "./containers.ts";
import { PODS } from "./pods.ts";
import { CLAIM, resources, type Sample } from "./sample.ts";
import { VOLUMES } from "./volumes.ts";

const CLAIMS: readonly Sample[] = [
  { name: "claim", claim: { ...CLAIM, ...resources("1Gi") } },
  {
    name: "claim with a class and a selector",
    claim: {
      ...CLAIM,
      ...resources("1Gi"),
      storageClassName: "x",
      selector: { matchExpressions: [{ key: "a", operator: "Exists" }] },
    },
  },
  ...AMOUNTS.filter((text) => !["0", "0.1m"].includes(text)).map((text) => ({
    name: `claim ${text}`,
    claim: { ...CLAIM, ...resources(text), volumeMode: "Filesystem" as const },
  })),
];

/** All samples. */
export const SAMPLES: readonly Sample[] = [...VOLUMES, ...CONTAINERS, ...PODS, ...CLAIMS];
