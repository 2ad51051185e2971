/** Whose turn it is to restart pods for what no manifest asked: a value that a pass is given. */

/** Whether it is a cluster's turn; how long until it is asked again, where it is not. */
export type Turn =
  | { readonly kind: "open" }
  | { readonly kind: "closed"; readonly reason: string; readonly againMs: number };
