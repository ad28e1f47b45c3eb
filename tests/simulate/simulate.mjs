// Asks IAM's rules, as @cloud-copilot/iam-simulate has them, whether requests are allowed.
// Usage: node simulate.mjs FOLDER <requests.json >verdicts.json     FOLDER holds the installed package.json
//
// A request: {principal, action, resource, account, context, identity, resourcePolicy}. A verdict: {allowed, wrong,
// anywhere}. `wrong` says what is wrong with the question itself: no such action, a resource that it does not have, a
// condition key that the call does not have. `anywhere`: AWS knows no resource for the action.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';

const require = createRequire(resolve(process.argv[2], 'package.json'));
const { isWildcardOnlyAction, runSimulation } = require('@cloud-copilot/iam-simulate');

// The simulator takes condition keys with a variable behind a colon away as unknown. In policies and requests alike they
// become one with a variable behind a slash, which it knows.
const known = (value) => JSON.parse(JSON.stringify(value)
  .replaceAll(/"kms:EncryptionContext:([^"]+)"/g, (_, key) => `"aws:PrincipalTag/${key.replaceAll(':', '-')}"`));

async function decide(request) {
  const { principal, action, resource, account, context, identity, resourcePolicy } = known(request);
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const verdict = await runSimulation({
    request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
    identityPolicies: identity ? [{ name: 'policy', policy: identity }] : [],
    serviceControlPolicies: [{ orgIdentifier: 'root', policies: [{ name: 'everything', policy: everything }] }],
    resourceControlPolicies: [],
    resourcePolicy: resourcePolicy ?? undefined,
  }, {});
  if (verdict.resultType === 'error') {
    return { allowed: false, wrong: JSON.stringify(verdict.errors), anywhere: false };
  }
  const ignored = verdict.resultType === 'single' ? verdict.result.ignoredContextKeys : [];
  const wrong = ignored?.length ? `no such condition keys: ${ignored}` : '';
  return { allowed: verdict.overallResult === 'Allowed', wrong, anywhere: await isWildcardOnlyAction(...action.split(':')) };
}

const verdicts = [];
for (const request of JSON.parse(readFileSync(0, 'utf8'))) {
  verdicts.push(await decide(request));
}
const text = Buffer.from(JSON.stringify(verdicts));
for (let at = 0; at < text.length;) {
  at += writeSync(1, text, at);
}
