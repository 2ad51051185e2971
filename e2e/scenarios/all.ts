/** All scenarios, in the order in which they are played. */
import { ARCHIVE_SCENARIOS } from "./groups/archive.ts";
import { COPY_SCENARIOS } from "./groups/copies.ts";
import { FOLLOWER_SCENARIOS } from "./groups/followers.ts";
import { DELETION_SCENARIOS } from "./groups/deletion.ts";
import { NODE_SCENARIOS } from "./groups/nodes.ts";
import { OUTAGE_SCENARIOS } from "./groups/outages.ts";
import { PATRONI_SCENARIOS } from "./groups/patroni.ts";
import { POD_SCENARIOS } from "./groups/pods.ts";
import { POOLER_SCENARIOS } from "./groups/pooler.ts";
import { ROLE_SCENARIOS } from "./groups/roles.ts";
import { ROTATION_SCENARIOS } from "./groups/rotation.ts";
import { SECRET_SCENARIOS } from "./groups/secrets.ts";
import { SERVICE_SCENARIOS } from "./groups/services.ts";
import { STORAGE_SCENARIOS } from "./groups/storage.ts";
import { UPGRADE_SCENARIOS } from "./groups/upgrade.ts";
import type { Scenario } from "./scenario.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...POD_SCENARIOS,
  ...ROLE_SCENARIOS,
  ...ROTATION_SCENARIOS,
  ...SECRET_SCENARIOS,
  ...SERVICE_SCENARIOS,
  ...PATRONI_SCENARIOS,
  ...POOLER_SCENARIOS,
  ...STORAGE_SCENARIOS,
  ...NODE_SCENARIOS,
  ...OUTAGE_SCENARIOS,
  ...COPY_SCENARIOS,
  ...ARCHIVE_SCENARIOS,
  ...FOLLOWER_SCENARIOS,
  ...DELETION_SCENARIOS,
  ...UPGRADE_SCENARIOS,
];
