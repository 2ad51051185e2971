/** One line of the log before it is formatted. */

export type Level = "error" | "warning" | "info" | "debug";

/** Values beside the message, such as `cluster-name`, `worker` and `pkg`. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

/** One line before it is formatted. */
export interface LogRecord {
  readonly time: Date;
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
}
