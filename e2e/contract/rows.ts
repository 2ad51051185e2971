/** All rows of the contract. */
import type { Row } from "./context.ts";
import { customResourceRows } from "./rows/custom_resources.ts";
import { defaultRows } from "./rows/defaults.ts";
import { deletionRows } from "./rows/deletion.ts";
import { patchRows } from "./rows/patches.ts";
import { refusalRows } from "./rows/refusals.ts";
import { subresourceRows } from "./rows/subresources.ts";

export const rows: Row[] = [
  ...defaultRows,
  ...refusalRows,
  ...patchRows,
  ...deletionRows,
  ...subresourceRows,
  ...customResourceRows,
];
