// Which posts NodeBB's plugin against spam refuses, and what it reports. It reports as spam what a trusted member flags. It reports as ham
// what a trusted member writes, though it refuses it. NodeBB itself is on no registry: the plugin gets from us the modules it asks NodeBB for.

const { KEY, PHIN_HAM, PHIN_SPAM, PHIN_DISCARD, PHIN_UNSURE } = process.env;

const members = new Map([
  [1, { uid: 1, username: "admin", email: "admin@mail.example", reputation: 0, admin: true }],
  [2, { uid: 2, username: "An Nguyen", email: "an.nguyen@mail.example", reputation: 0 }],
  [3, { uid: 3, username: "Binh Tran", email: "binh.tran@mail.example", reputation: 50 }],
]);
const settings = { akismetEnabled: "on", akismetApiKey: KEY, akismetMinReputationHam: 10, akismetFlagReporting: 20 };
const counted = {};
const said = [];
const log = (line) => said.push(line);
const nodebb = {
  winston: { error: log, info: log, verbose: log, warn: log },
  nconf: { get: (name) => ({ url: "http://nodebb.test" })[name] },
  "./src/constants": { paths: { currentPackage: require.resolve("./package.json") } },
  "./src/database": {
    getSortedSetRevRange: async () => ["203.0.113.9"],
    incrObjectField: async (_, field) => (counted[field] = (counted[field] ?? 0) + 1),
  },
  "./src/meta": { config: {}, settings: { get: async () => settings } },
  "./src/routes/helpers": { setupAdminPageRoute() {} },
  "./src/topics": { getTopicField: async (tid, field) => (field === "cid" ? 1 : `${tid}/bread`) },
  "./src/user": {
    getUserFields: async (uid, fields) => Object.fromEntries(fields.map((field) => [field, members.get(uid)[field]])),
    isAdministrator: async (uid) => Boolean(members.get(uid).admin),
    isModerator: async () => false,
  },
};
const ours = require.main.require.bind(require.main);
require.main.require = (name) => nodebb[name] ?? ours(name);

const plugin = require("nodebb-plugin-spam-be-gone");
const hooks = new Map(require("nodebb-plugin-spam-be-gone/plugin.json").hooks.map(({ hook, method }) => [hook, method]));

/** Calls what the plugin has registered for a hook, as NodeBB does. */
const fire = (hook, data) => plugin[hooks.get(hook)](data);
const request = (uid) => ({ uid, ip: "203.0.113.9", path: "/api/v3/topics", headers: { "user-agent": "Mozilla/5.0", referer: "http://nodebb.test/" } });

/** Whether a post is taken; the plugin says no by throwing. */
async function outcome(hook, data) {
  try {
    await fire(hook, data);
    return "posted";
  } catch (error) {
    return error.message;
  }
}
const reply = (content, uid = 2) => outcome("filter:topic.reply", { content, uid, cid: 1, tid: 1, req: request(uid) });
const topic = (content, uid = 2) => outcome("filter:topic.post", { title: "Bread", content, uid, cid: 1, req: request(uid) });
const edit = (content, uid = 2) => outcome("filter:post.edit", { post: { content, uid, tid: 1 }, req: request(uid) });
const flag = (content, uid) =>
  fire("action:flags.create", {
    flag: { type: "post", description: "Spam", reporter: members.get(uid), target: { uid: 2, tid: 1, content } },
  });

const REFUSED = "Post content was flagged as spam by Akismet.com";

(async () => {
  const { done, equal } = await import("./checks.mjs");
  const loaded = async () => {
    said.length = 0;
    await fire("static:app.load", { router: { post() {} } });
    return said.join("\n");
  };
  settings.akismetApiKey = "invalid";
  await equal("a bad key is told of", loaded, "[plugins/spam-be-gone] Unable to verify Akismet API key.");
  await equal("and nothing is asked with it", () => reply(PHIN_SPAM), "posted");
  settings.akismetApiKey = KEY;
  await equal("a good key is not", loaded, "");

  await equal("a reply: ham", () => reply(PHIN_HAM), "posted");
  await equal("a reply: spam", () => reply(PHIN_SPAM), REFUSED);
  await equal("a reply: blatant spam", () => reply(PHIN_DISCARD), REFUSED);
  await equal("a reply: unsure is posted", () => reply(PHIN_UNSURE), "posted");
  await equal("a topic: ham", () => topic(PHIN_HAM), "posted");
  await equal("a topic: blatant spam", () => topic(PHIN_DISCARD), REFUSED);
  await equal("an edit: ham", () => edit(PHIN_HAM), "posted");
  await equal("an edit: spam", () => edit(PHIN_SPAM), REFUSED);
  await equal("an administrator is not asked about", () => reply(PHIN_SPAM, 1), "posted");
  await equal("the plugin has counted", async () => JSON.stringify(counted), JSON.stringify({ checks: 8, spam: 4 }));

  await flag(PHIN_HAM, 2);
  await equal("a flag of a new member is not reported", () => reply(PHIN_HAM), "posted");
  await flag(PHIN_HAM, 3);
  await equal("a flag of a trusted one is, and the next check knows", () => reply(PHIN_HAM), REFUSED);
  // The plugin refuses the post all the same, but reports it as ham.
  await equal("spam of a trusted member is refused", () => reply(PHIN_HAM, 3), REFUSED);
  await equal("but reported as ham, and the next check knows", () => reply(PHIN_HAM), "posted");
  done();
})();
