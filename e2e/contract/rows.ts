/** All rows of the contract. */
import type { Row } from "./context.ts";
import { defaultRows } from "./rows/defaults.ts";
import { refusalRows } from "./rows/refusals.ts";

export const rows: Row[] = [...defaultRows, ...refusalRows];
