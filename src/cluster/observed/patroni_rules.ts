/**
 * What Patroni makes of its dynamic configuration; pure.
 * https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
 */

type Json = Readonly<Record<string, unknown>>;

const YES: readonly string[] = ["on", "true", "yes", "1"];
const NO: readonly string[] = ["off", "false", "no", "0", ""];

/** A switch as Patroni reads it: true, "on", 1 …; undefined for what is neither on nor off. */
export function patroniSwitch(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return false;
  const text = String(value).toLowerCase();
  if (YES.includes(text)) return true;
  return NO.includes(text) ? false : undefined;
}

/** True while the cluster follows another one: its section names a host, a port or an archive. */
export function followsAnother({ standby_cluster: section }: Json): boolean {
  if (typeof section !== "object" || section === null) return false;
  const { host, port, restore_command: archive } = section as Json;
  return [host, port, archive].some((value) => Boolean(value));
}

/**
 * True when only a synchronous standby may take over. A cluster that follows another one has none,
 * whatever its configuration says.
 */
export function demandsSynchronous(config: Json): boolean {
  const mode = config["synchronous_mode"];
  return !followsAnother(config) && (isQuorum(mode) || patroniSwitch(mode) === true);
}

function isQuorum(mode: unknown): boolean {
  return typeof mode === "string" && mode.toLowerCase() === "quorum";
}
