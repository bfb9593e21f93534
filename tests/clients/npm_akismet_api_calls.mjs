// Every call of the npm client `akismet-api`, beside its own integration tests: verdicts that nobody promised, bad keys, and what is learnt.

import { AkismetClient } from "akismet-api";
import { done, equal, refused } from "./checks.mjs";

const { KEY, PHIN_HAM, PHIN_SPAM, PHIN_DISCARD, PHIN_UNSURE } = process.env;
const blog = "http://akismet-api.test";
const client = new AkismetClient({ key: KEY, blog });
const stranger = new AkismetClient({ key: "invalid", blog });
const comment = (content) => ({ ip: "203.0.113.9", useragent: "Mozilla/5.0", name: "An Nguyen", content });

await equal("verifyKey knows a bad key", () => stranger.verifyKey(), false);
await equal("checkSpam: ham", () => client.checkSpam(comment(PHIN_HAM)), false);
await equal("checkSpam: spam", () => client.checkSpam(comment(PHIN_SPAM)), true);
await equal("checkSpam: blatant spam", () => client.checkSpam(comment(PHIN_DISCARD)), true);
await equal("checkSpam: unsure is let through", () => client.checkSpam(comment(PHIN_UNSURE)), false);
await equal("checkSpam: a date in seconds", () => client.checkSpam({ ...comment(PHIN_HAM), date: "1460819525" }), false);
const clear = new AkismetClient({ key: KEY, blog, protocol: "http" });
await equal("checkSpam: in the clear", () => clear.checkSpam(comment(PHIN_SPAM)), true);
await refused("checkSpam refuses a bad key", () => stranger.checkSpam(comment(PHIN_HAM)));
// A client that is refused would publish the comment unchecked.
await equal("checkSpam: without an address", () => client.checkSpam({ content: PHIN_HAM }), false);
const thanks = async (answer) => (await answer).text;
await equal("submitSpam is thanked for", () => thanks(client.submitSpam(comment(PHIN_HAM))), "Thanks for making the web a better place.");
await equal("and the next check knows", () => client.checkSpam(comment(PHIN_HAM)), true);
await equal("submitHam is thanked for", () => thanks(client.submitHam(comment(PHIN_HAM))), "Thanks for making the web a better place.");
await equal("and the next check knows that too", () => client.checkSpam(comment(PHIN_HAM)), false);
await equal("submitSpam with a bad key", () => thanks(stranger.submitSpam(comment(PHIN_HAM))), "invalid");
done();
