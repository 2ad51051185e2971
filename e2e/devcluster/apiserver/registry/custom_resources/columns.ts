/** Cells of custom resources: the JSON paths of their printer columns. */
import { isObject, type Json, type KubeObject } from "../../model/json.ts";
import type { Column, ResourceType } from "../../model/resource_type.ts";
import { age } from "../../model/age.ts";

const SEGMENT =
  /\.([\w-]+)|\['([^']+)'\]|\[(\d+|\*)\]|\[\?\(@\.([\w.-]+)\s*==\s*['"]([^'"]*)['"]\)\]/gy;

/** Values at a (simple) JSON path: names, indexes, `[*]` and one filter by equality. */
export function jsonPath(value: Json, path: string): Json[] {
  let found: Json[] = [value];
  const text = path.replace(/^\{?\$?/, "").replace(/\}$/, "");
  for (const match of text.matchAll(SEGMENT)) {
    const [, name, quoted, index, filterPath, filterValue] = match;
    found = found.flatMap((item): Json[] => {
      const key = name ?? quoted;
      if (key !== undefined) return isObject(item) && item[key] !== undefined ? [item[key]!] : [];
      if (!Array.isArray(item)) return [];
      if (index === "*") return item;
      if (index !== undefined) {
        return item[Number(index)] === undefined ? [] : [item[Number(index)]!];
      }
      return item.filter((element) =>
        String(jsonPath(element, `.${filterPath}`)[0]) === filterValue
      );
    });
  }
  return found;
}

function cell(column: Column, object: KubeObject, now: Date): Json {
  const [value, ...more] = jsonPath(object, column.jsonPath!);
  if (value === undefined || value === null) return null;
  if (column.type === "date") return age(value, now);
  if (column.type === "integer" || column.type === "number" || column.type === "boolean") {
    return value;
  }
  if (more.length > 0) return [value, ...more].map(String).join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The cells of one row. */
export function customCells(type: ResourceType, object: KubeObject, now: Date): Json[] {
  return type.columns.map((column) =>
    column.jsonPath ? cell(column, object, now) : object.metadata.name!
  );
}
