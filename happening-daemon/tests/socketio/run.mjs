// Runs the rules that are named on the command line, one after the other: `node run.mjs RULE …`.

import * as rules from "./rules.mjs";
import * as abuse from "./abuse.mjs";
import * as outage from "./outage.mjs";
import * as rights from "./rights.mjs";

const known = { ...rules, ...abuse, ...outage, ...rights };
for (const name of process.argv.slice(2)) {
  if (!known[name]) throw new Error(`there is no rule ${name}`);
  const started = Date.now();
  await known[name]();
  console.log(`${name}: ${Date.now() - started} ms`);
}
// Sockets that are still open keep nobody here.
process.exit(0);
