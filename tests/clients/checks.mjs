// Named checks in TAP, for clients written in JavaScript. A check that throws has failed; the plan is printed at the end.

let count = 0;
let failed = 0;

function say(name, holds, seen) {
  count += 1;
  if (!holds) failed += 1;
  console.log(`${holds ? "ok" : "not ok"} ${count} - ${name}`);
  if (!holds) console.log(`# ${String(seen?.stack ?? seen).replaceAll("\n", "\n# ")}`);
}

/** What an asynchronous call resolves to must be what is expected. */
export async function equal(name, call, expected) {
  try {
    const seen = await call();
    say(name, seen === expected, `${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`);
  } catch (error) {
    say(name, false, error);
  }
}

/** An asynchronous call must be refused, for that is how the client says no. */
export async function refused(name, call) {
  try {
    say(name, false, `not refused, but ${JSON.stringify(await call())}`);
  } catch (error) {
    say(name, error instanceof Error, error);
  }
}

/** Prints the plan; the exit code says whether all held. */
export function done() {
  console.log(`1..${count}`);
  process.exitCode = failed > 0 ? 1 : 0;
}
