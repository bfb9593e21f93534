// What Waline's readers see of what is posted to it. Waline only asks: it reports nothing, whatever its moderators decide.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { done, equal } from "./checks.mjs";

const { KEY, PHIN_HAM, PHIN_SPAM, PHIN_DISCARD, PHIN_UNSURE } = process.env;
const page = "/bread";

/** The comments in memory, through the `model` that Waline lets its hosts give; only what posting and reading ask of a store. */
class Memory {
  static tables = new Map();

  constructor(name) {
    if (!Memory.tables.has(name)) Memory.tables.set(name, []);
    this.rows = Memory.tables.get(name);
  }

  /** Where: a value, or an operator and its operand. */
  find(where = {}) {
    const operators = {
      "NOT IN": (value, operand) => !operand.includes(value),
      IN: (value, operand) => operand.includes(value),
      "!=": (value, operand) => value !== operand,
      ">": (value, operand) => value > operand,
    };
    const holds = (value, wanted) => (Array.isArray(wanted) ? operators[wanted[0].toUpperCase()](value, wanted[1]) : value === wanted);
    return this.rows.filter((row) => Object.entries(where).every(([field, wanted]) => holds(row[field], wanted)));
  }

  async select(where) {
    return this.find(where);
  }

  async count(where) {
    return this.find(where).length;
  }

  async add(data) {
    this.rows.push({ ...data, objectId: String(this.rows.length + 1) });
    return this.rows.at(-1);
  }

  async update(data, where) {
    return this.find(where).map((row) => Object.assign(row, data));
  }
}

Object.assign(process.env, {
  AKISMET_KEY: KEY,
  // Some store must be named; ours is asked instead.
  SQLITE_PATH: "unused",
  JWT_TOKEN: "no secret",
  SITE_URL: "http://waline.test",
  // Else one comment a minute.
  IPQPS: "0",
  DISABLE_REGION: "true",
  OAUTH_URL: "http://127.0.0.1:9091",
});
// It asks there how people may log in, at every call.
const logins = createServer((_, answer) => answer.end('{"services": []}'));
await new Promise((resolve) => logins.listen(9091, "127.0.0.1", resolve));
const require = createRequire(import.meta.url);
const handler = require("@waline/vercel")({ model: (name) => new Memory(name) });
const server = createServer(handler);
await new Promise((resolve) => server.listen(9090, "127.0.0.1", resolve));
const api = "http://127.0.0.1:9090/api/comment";

async function call(url, options) {
  const answer = await fetch(url, options);
  const text = await answer.text();
  const body = answer.ok ? JSON.parse(text) : undefined;
  if (body?.errno !== 0) throw new Error(`${answer.status}: ${text}`);
  return body.data;
}

/** Posts a comment: the state that Waline gave it, and whether readers see it. */
async function posted(comment) {
  const before = (await call(`${api}?path=${page}&page=1&pageSize=10&sortBy=insertedAt_desc`)).count;
  await call(api, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Forwarded-For": "203.0.113.9", Referer: `http://waline.test${page}` },
    body: JSON.stringify({ comment, nick: "An Nguyen", mail: "an.nguyen@mail.example", link: "", ua: "Mozilla/5.0", url: page }),
  });
  const after = (await call(`${api}?path=${page}&page=1&pageSize=10&sortBy=insertedAt_desc`)).count;
  return `${new Memory("Comment").rows.at(-1).status}, ${after > before ? "seen" : "not seen"}`;
}

await equal("ham", () => posted(PHIN_HAM), "approved, seen");
await equal("spam", () => posted(PHIN_SPAM), "spam, not seen");
await equal("blatant spam", () => posted(PHIN_DISCARD), "spam, not seen");
await equal("unsure is let through", () => posted(PHIN_UNSURE), "approved, seen");
process.env.AKISMET_KEY = "invalid";
await equal("with a bad key everything is let through", () => posted(`${PHIN_SPAM}!`), "approved, seen");
done();
process.exit();
