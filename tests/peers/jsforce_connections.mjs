// How jsforce gets into an org, by the ways that need no person.

import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';

import jsforce from 'jsforce';

import { org } from './steps.mjs';

export const VERSION = '61.0';

const app = { loginUrl: org.login_url, clientId: org.client_id, clientSecret: org.client_secret };

/** A connection that knows the connected app and is not logged in yet. */
export function unconnected(options = {}) {
    return new jsforce.Connection({
        version: VERSION,
        loginUrl: org.login_url,
        instanceUrl: org.instance_url,
        oauth2: { ...app, ...options.oauth2 },
        ...options.connection,
    });
}

/** A connection logged in by client credentials. */
export async function connected(connection = {}) {
    const conn = unconnected({ connection });
    await conn.authorize({ grant_type: 'client_credentials' });
    return conn;
}

/** The assertion of the JWT bearer flow, signed with the key whose certificate the app holds. */
export function assertion(claims = {}) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const told = {
        iss: org.client_id,
        sub: org.username,
        aud: org.login_url,
        exp: Math.floor(Date.now() / 1000) + 180,
        ...claims,
    };
    const signed = `${part({ alg: 'RS256' })}.${part(told)}`;
    const signature = createSign('RSA-SHA256').update(signed).sign(readFileSync(org.jwt_private_key_file));
    return `${signed}.${signature.toString('base64url')}`;
}
