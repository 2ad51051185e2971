/** All rows of the contract. */
import type { Row } from "./context.ts";
import { accessRows } from "./rows/access.ts";
import { customResourceRows } from "./rows/custom_resources.ts";
import { defaultRows } from "./rows/defaults.ts";
import { deletionRows } from "./rows/deletion.ts";
import { discoveryRows } from "./rows/discovery.ts";
import { kubectlRows } from "./rows/kubectl.ts";
import { listRows } from "./rows/lists.ts";
import { patchRows } from "./rows/patches.ts";
import { refusalRows } from "./rows/refusals.ts";
import { subresourceRows } from "./rows/subresources.ts";
import { watchRows } from "./rows/watches.ts";
import { writeRows } from "./rows/writes.ts";

export const rows: Row[] = [
  ...defaultRows,
  ...refusalRows,
  ...patchRows,
  ...deletionRows,
  ...subresourceRows,
  ...customResourceRows,
  ...listRows,
  ...watchRows,
  ...writeRows,
  ...accessRows,
  ...discoveryRows,
  ...kubectlRows,
];
