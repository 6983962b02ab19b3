// Steps of a script: each is told to pytest as one line of JSON, whether it went well or not.

import { setTimeout as pause } from 'node:timers/promises';

/** What the sandbox said about itself when it started. */
export const { salesforce: org, admin_url: adminUrl } = JSON.parse(process.env.SANDBOX);

/** Long enough for a busy machine, short enough for a person who waits. */
export const PATIENCE = 10_000;

/** Do one step and say how it went. Later steps are tried all the same: each has to speak for itself. */
export async function step(name, work) {
    const began = performance.now();
    let problem = null;
    try {
        await Promise.race([work(), givenUp()]);
    } catch (error) {
        problem = `${error?.name}: ${error?.message}\n${error?.stack}`;
    }
    const ms = Math.round(performance.now() - began);
    process.stdout.write(`${JSON.stringify({ step: name, problem, ms })}\n`);
}

async function givenUp() {
    await pause(PATIENCE, null, { ref: false });
    throw new Error(`not done within ${PATIENCE} ms`);
}

/** A name no other script has used in this org. */
let made = 0;
export function fresh(word) {
    made += 1;
    return `${word} ${process.pid}-${made}`;
}

/** Look until there is something. */
export async function until(look, what = 'what was looked for') {
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
        const found = await look();
        if (found) return found;
        await pause(20);
    }
    throw new Error(`${what} did not come within ${PATIENCE} ms`);
}

/** The error a promise ends with; an error itself if it does not. */
export async function failure(promise) {
    let value;
    try {
        value = await promise;
    } catch (error) {
        return error;
    }
    throw new Error(`this should have been refused: ${JSON.stringify(value)}`);
}

/** One call on the admin endpoint of the sandbox. */
export async function admin(method, path, body) {
    const answer = await fetch(adminUrl + path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
}
