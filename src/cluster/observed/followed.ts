/**
 * Parameters that standbys follow: a hot standby does not start with less of them than its primary
 * runs with. Pure.
 * https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
 */

/** Their names, and what Patroni starts a server with where its configuration says nothing. */
const PATRONI_DEFAULTS: Readonly<Record<string, number>> = {
  max_connections: 100,
  max_locks_per_transaction: 64,
  max_prepared_transactions: 0,
  max_wal_senders: 10,
  max_worker_processes: 8,
};

/** Names of the parameters that standbys follow. */
export const FOLLOWED_PARAMETERS: readonly string[] = Object.keys(PATRONI_DEFAULTS);

/** A value that a server runs with, and the one that it should have. */
export interface ValueChange {
  readonly from: string;
  readonly to: number;
}

/** What Patroni's configuration wants of each; one that is no number counts as not set. */
export function followedParameters(
  config: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, number> {
  const section = config["postgresql"] as { readonly parameters?: unknown } | null | undefined;
  const parameters = (section?.parameters ?? {}) as Readonly<Record<string, unknown>>;
  return new Map(
    Object.entries(PATRONI_DEFAULTS).map(([name, byDefault]) => {
      const value = parameters[name];
      const number = value === undefined || value === null ? NaN : Number(value);
      return [name, Number.isFinite(number) ? number : byDefault];
    }),
  );
}

/** `down` when values go down and none goes up, `up` when one goes up, `none` otherwise. */
export function directionOf(changes: readonly ValueChange[]): "up" | "down" | "none" {
  const known = changes.filter(({ from }) => Number.isFinite(Number(from)));
  if (known.some(({ from, to }) => Number(from) < to)) return "up";
  return known.some(({ from, to }) => Number(from) > to) ? "down" : "none";
}
