// Asks IAM's rules, as @cloud-copilot/iam-simulate has them, whether requests are allowed.
// Usage: node simulate.mjs FOLDER [SOCKET]     FOLDER holds the installed package.json
//
// Requests come on standard input, one line of JSON each; a line of standard output answers each, in the same order. With
// SOCKET they come on connections to it, until standard input ends; a line on standard output says that it is there.
//
// A request: {principal, action, resource, account, context, identity, resourcePolicy}. A verdict: {allowed, wrong,
// anywhere}. `wrong` says what is wrong with the question itself: no such action, a resource that it does not have, a
// condition key that the call does not have. `anywhere`: AWS knows no resource for the action.
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
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

async function answer(input, output) {
  for await (const line of createInterface({ input })) {
    output.write(JSON.stringify(await decide(JSON.parse(line))) + '\n');
  }
}

const socket = process.argv[3];
if (socket) {
  const server = createServer((connection) => {
    // Whoever asked can be gone before the answer.
    connection.on('error', () => connection.destroy());
    answer(connection, connection).catch((error) => connection.destroy(error));
  });
  server.listen(socket, () => process.stdout.write('ready\n'));
  process.stdin.on('end', () => process.exit()).resume();
} else {
  await answer(process.stdin, process.stdout);
}
