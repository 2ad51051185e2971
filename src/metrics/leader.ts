/** Whether this operator leads, for alerts that ask which one works. */

import type { Reading } from "./metrics.ts";

/** 1 or 0 at each scrape. */
export function leaderReading(isLeader: () => boolean): Reading {
  return {
    name: "pgop_leader",
    help: "1 where this operator looks after clusters, 0 where it stands by.",
    labels: [],
    read: () => [{ labels: {}, value: isLeader() ? 1 : 0 }],
  };
}
