/** Runs small Lua scripts, as Argo CD does with the health and the actions of a resource (tests). */

import { lauxlib, lua, lualib, to_jsstring, to_luastring } from "fengari";

type State = unknown;

/** This machine takes the sign for UTC of a format of dates for a character like others. */
const DATES = `local date = os.date
os.date = function(format, time) return date((format:gsub("^!", "")), time) end
`;

/**
 * Runs a script with the global `obj`; gives the value that it returns, as data.
 * @throws with what Lua says where the script fails
 */
export function runLua(script: string, obj: unknown): unknown {
  const state: State = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  push(state, obj);
  lua.lua_setglobal(state, to_luastring("obj"));
  const failed = lauxlib.luaL_loadstring(state, to_luastring(DATES + script)) ||
    lua.lua_pcall(state, 0, 1, 0);
  if (failed) throw new Error(to_jsstring(lua.lua_tostring(state, -1)));
  return pull(state, -1);
}

/** Puts a value on the stack; lists begin with 1, and what is undefined is not there. */
function push(state: State, value: unknown): void {
  if (typeof value === "string") return lua.lua_pushstring(state, to_luastring(value));
  if (typeof value === "number") return lua.lua_pushnumber(state, value);
  if (typeof value === "boolean") return lua.lua_pushboolean(state, value);
  if (typeof value !== "object" || value === null) return lua.lua_pushnil(state);
  lua.lua_newtable(state);
  const isList = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    push(state, isList ? Number(key) + 1 : key);
    push(state, item);
    lua.lua_settable(state, -3);
  }
}

/** The value at a place of the stack. */
function pull(state: State, at: number): unknown {
  const type = lua.lua_type(state, at);
  if (type === lua.LUA_TSTRING) return to_jsstring(lua.lua_tostring(state, at));
  if (type === lua.LUA_TNUMBER) return lua.lua_tonumber(state, at);
  if (type === lua.LUA_TBOOLEAN) return Boolean(lua.lua_toboolean(state, at));
  if (type !== lua.LUA_TTABLE) return undefined;
  const table: Record<string, unknown> = {};
  const place = lua.lua_absindex(state, at);
  lua.lua_pushnil(state);
  while (lua.lua_next(state, place)) {
    table[String(pull(state, -2))] = pull(state, -1);
    lua.lua_pop(state, 1);
  }
  return table;
}
