// Every call of the npm client `@cedx/akismet`, at its usual address and at an address that it is told.

import { Author, Blog, CheckResult, Client, Comment } from "@cedx/akismet";
import { done, equal, refused } from "./checks.mjs";

const { KEY, PHIN_HAM, PHIN_SPAM, PHIN_DISCARD, PHIN_UNSURE } = process.env;

const author = new Author({ ipAddress: "203.0.113.9", name: "An Nguyen", userAgent: "Mozilla/5.0" });
const comment = (content) => new Comment({ author, content, context: ["bread", "baking"], type: "comment" });
const rounds = ["https://rest.akismet.com", "http://127.0.0.1:80"].map((baseUrl) => {
  const { hostname } = new URL(baseUrl);
  const blog = new Blog({ url: new URL(`http://blog-of-${hostname}.test`), charset: "UTF-8", languages: ["vi", "en"] });
  const as = (key, options = {}) => new Client(key, blog, { baseUrl, ...options });
  return [hostname, as(KEY), as("invalid"), as(KEY, { isTest: true })];
});

// All that teaches nothing first: what one site teaches, the other knows a little.
for (const [at, client, stranger, tester] of rounds) {
  await equal(`${at}: verifyKey knows a good key`, () => client.verifyKey(), true);
  await equal(`${at}: verifyKey knows a bad key`, () => stranger.verifyKey(), false);
  await equal(`${at}: checkComment: ham`, () => client.checkComment(comment(PHIN_HAM)), CheckResult.ham);
  await equal(`${at}: checkComment: spam`, () => client.checkComment(comment(PHIN_SPAM)), CheckResult.spam);
  await equal(`${at}: checkComment: blatant spam`, () => client.checkComment(comment(PHIN_DISCARD)), CheckResult.pervasiveSpam);
  await equal(`${at}: checkComment: unsure is let through`, () => client.checkComment(comment(PHIN_UNSURE)), CheckResult.ham);
  await refused(`${at}: checkComment refuses a bad key`, () => stranger.checkComment(comment(PHIN_HAM)));
  await refused(`${at}: submitSpam refuses a bad key`, () => stranger.submitSpam(comment(PHIN_HAM)));
  await refused(`${at}: submitHam refuses a bad key`, () => stranger.submitHam(comment(PHIN_HAM)));
  await equal(`${at}: a test teaches nothing`, () => tester.submitSpam(comment(PHIN_HAM)), undefined);
  await equal(`${at}: and is ham as before`, () => client.checkComment(comment(PHIN_HAM)), CheckResult.ham);
}
for (const [at, client] of rounds) {
  await equal(`${at}: submitSpam is thanked for`, () => client.submitSpam(comment(PHIN_HAM)), undefined);
  await equal(`${at}: and the next check knows`, async () => (await client.checkComment(comment(PHIN_HAM))) !== CheckResult.ham, true);
  await equal(`${at}: submitHam is thanked for`, () => client.submitHam(comment(PHIN_HAM)), undefined);
  await equal(`${at}: and the next check knows that too`, () => client.checkComment(comment(PHIN_HAM)), CheckResult.ham);
}
done();
