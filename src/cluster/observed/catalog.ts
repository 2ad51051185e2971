/** What the databases of a cluster hold. */

export interface Catalog {
  /** As PostgreSQL numbers it: 170005. */
  readonly serverVersion: number;
}
