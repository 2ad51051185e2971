/** What a pass is about, part by part: a name for each, which plans, statuses and Events use. */

/** The subjects of a pass in the order of the plan. */
export const SUBJECTS = [
  "manifest",
  "finalizer",
  "service account",
  "services",
  "credentials",
  "disruption budgets",
  "patroni objects",
  "volumes",
  "interrupted upgrade",
  "standby",
  "statefulset",
  "patroni config",
  "postgres restart",
  "rollout",
  "node move",
  "logical backup",
  "roles",
  "databases",
  "pooler",
  "streams",
  "major upgrade",
  "requests",
  "deletion",
] as const;

export type Subject = typeof SUBJECTS[number];
