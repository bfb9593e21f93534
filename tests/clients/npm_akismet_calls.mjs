// Every call of the npm client `akismet`. It is silent about much: a bad key means "not spam", and thanks are not looked at.

import { promisify } from "node:util";
import akismet from "akismet";
import { done, equal } from "./checks.mjs";

const { KEY, PHIN_HAM, PHIN_SPAM, PHIN_DISCARD, PHIN_UNSURE } = process.env;

const comment = (comment_content) => ({ user_ip: "203.0.113.9", user_agent: "Mozilla/5.0", comment_author: "An Nguyen", comment_content });
const calls = (port, apiKey) => {
  const client = akismet.client({ blog: `http://npm-akismet-${port}.test`, apiKey, port });
  return (name, ...rest) => promisify(client[name].bind(client))(...rest);
};
const rounds = [443, 80].map((port) => [port, calls(port, KEY), calls(port, "invalid")]);

// All that teaches nothing first: what one site teaches, the other knows a little.
for (const [port, call, stranger] of rounds) {
  await equal(`${port}: verifyKey knows a good key`, () => call("verifyKey"), true);
  await equal(`${port}: verifyKey knows a bad key`, () => stranger("verifyKey"), false);
  await equal(`${port}: checkComment: ham`, () => call("checkComment", comment(PHIN_HAM)), false);
  await equal(`${port}: checkComment: spam`, () => call("checkComment", comment(PHIN_SPAM)), true);
  await equal(`${port}: checkComment: blatant spam`, () => call("checkComment", comment(PHIN_DISCARD)), true);
  await equal(`${port}: checkComment: unsure is let through`, () => call("checkComment", comment(PHIN_UNSURE)), false);
  // Told no browser, this client sends its own name for it.
  await equal(`${port}: checkComment: ham from an unknown browser`, () => call("checkComment", { ...comment(PHIN_HAM), user_agent: "" }), false);
  await equal(`${port}: checkSpam, the old name`, () => call("checkSpam", comment(PHIN_SPAM)), true);
  await equal(`${port}: checkComment with a bad key is not spam to this client`, () => stranger("checkComment", comment(PHIN_SPAM)), false);
  await equal(`${port}: submitSpam with a bad key`, () => stranger("submitSpam", comment(PHIN_HAM)), undefined);
  await equal(`${port}: teaches nothing`, () => call("checkComment", comment(PHIN_HAM)), false);
}
for (const [port, call] of rounds) {
  await equal(`${port}: submitSpam`, () => call("submitSpam", comment(PHIN_HAM)), undefined);
  await equal(`${port}: and the next check knows`, () => call("checkComment", comment(PHIN_HAM)), true);
  await equal(`${port}: submitHam`, () => call("submitHam", comment(PHIN_HAM)), undefined);
  await equal(`${port}: and the next check knows that too`, () => call("checkComment", comment(PHIN_HAM)), false);
}
done();
