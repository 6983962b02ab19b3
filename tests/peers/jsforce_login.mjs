// jsforce: every way into the org without a browser, what an expired session does, who is logged in.

import assert from 'node:assert/strict';

import { assertion, connected, unconnected, VERSION } from './jsforce_connections.mjs';
import { failure, org, step } from './steps.mjs';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

await step('client credentials give a token, the address of the instance and who it is', async () => {
    const conn = unconnected();
    const user = await conn.authorize({ grant_type: 'client_credentials' });
    assert.equal(conn.instanceUrl, org.instance_url);
    assert.equal(user.organizationId, org.org_id);
    assert.match(user.id, /^005\w{15}$/);
    assert.ok(conn.accessToken.startsWith(`${org.org_id.slice(0, 15)}!`));
});

await step('a wrong secret is invalid_client', async () => {
    const conn = unconnected({ oauth2: { clientSecret: 'wrong' } });
    const error = await failure(conn.authorize({ grant_type: 'client_credentials' }));
    assert.equal(error.name, 'invalid_client');
    assert.equal(error.message, 'invalid client credentials');
});

await step('a signed assertion gives a token', async () => {
    const conn = unconnected();
    await conn.authorize({ grant_type: JWT_BEARER, assertion: assertion() });
    assert.equal((await conn.identity()).username, org.username);
});

await step('an assertion for another audience is invalid_grant', async () => {
    const told = assertion({ aud: 'https://elsewhere.invalid' });
    const error = await failure(unconnected().authorize({ grant_type: JWT_BEARER, assertion: told }));
    assert.equal(error.name, 'invalid_grant');
    assert.equal(error.message, 'audience is invalid');
});

await step('a name and a password with its security token lead in over SOAP', async () => {
    const conn = unconnected({ oauth2: { clientId: undefined, clientSecret: undefined } });
    const user = await conn.login(org.username, org.password + org.security_token);
    assert.equal(user.organizationId, org.org_id);
    assert.equal(conn.instanceUrl, org.instance_url);
    assert.equal((await conn.identity()).user_id, user.id);
});

await step('a session of SOAP that ended is opened anew within the call that meets it', async () => {
    const conn = unconnected({ oauth2: { clientId: undefined, clientSecret: undefined } });
    await conn.login(org.username, org.password + org.security_token);
    const first = conn.accessToken;
    await conn.oauth2.revokeToken(first);
    await conn.query('SELECT Id FROM Account LIMIT 1');
    assert.notEqual(conn.accessToken, first);
});

await step('a session of SOAP is ended by logging out', async () => {
    const conn = unconnected({ oauth2: { clientId: undefined, clientSecret: undefined } });
    await conn.login(org.username, org.password + org.security_token);
    const token = conn.accessToken;
    await conn.logout();
    const error = await failure(
        unconnected({ oauth2: { clientId: undefined }, connection: { accessToken: token } }).limits(),
    );
    assert.equal(error.errorCode, 'INVALID_SESSION_ID');
});

await step('a wrong password is INVALID_LOGIN', async () => {
    const conn = unconnected({ oauth2: { clientId: undefined, clientSecret: undefined } });
    const error = await failure(conn.login(org.username, 'wrong'));
    assert.match(error.message, /^INVALID_LOGIN: Invalid username, password, security token/);
});

await step('a code from the browser is changed for tokens that can be refreshed', async () => {
    const redirectUri = 'http://localhost:1717/OauthRedirect';
    const conn = unconnected({ oauth2: { redirectUri } });
    const url = conn.oauth2.getAuthorizationUrl({ scope: 'api id refresh_token', state: 'here' });
    const answer = await fetch(url, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location'));
    assert.equal(back.searchParams.get('state'), 'here');
    const user = await conn.authorize(back.searchParams.get('code'));
    assert.equal(user.organizationId, org.org_id);
    assert.ok(conn.refreshToken);
    await conn.oauth2.revokeToken(conn.accessToken);
    assert.equal((await conn.query('SELECT Id FROM Account LIMIT 1')).done, true);
});

await step('a code is good once', async () => {
    const redirectUri = 'http://localhost:1717/OauthRedirect';
    const conn = unconnected({ oauth2: { redirectUri } });
    const answer = await fetch(conn.oauth2.getAuthorizationUrl(), { redirect: 'manual' });
    const code = new URL(answer.headers.get('location')).searchParams.get('code');
    await conn.authorize(code);
    const error = await failure(conn.authorize(code));
    assert.equal(error.name, 'invalid_grant');
});

await step('a refresh token gives tokens again and again', async () => {
    const conn = unconnected();
    const tokens = new Set();
    for (let time = 0; time < 2; time += 1) {
        const answer = await conn.oauth2.refreshToken(org.refresh_token);
        assert.equal(answer.refresh_token, undefined);
        tokens.add(answer.access_token);
    }
    assert.equal(tokens.size, 2);
});

await step('a revoked session is refreshed within the call that meets it', async () => {
    const conn = unconnected({ connection: { refreshToken: org.refresh_token } });
    const heard = [];
    conn.on('refresh', (token) => heard.push(token));
    await conn.query('SELECT Id FROM Account LIMIT 1');
    const first = conn.accessToken;
    await conn.oauth2.revokeToken(first);
    await conn.query('SELECT Id FROM Account LIMIT 1');
    assert.notEqual(conn.accessToken, first);
    assert.deepEqual(heard, [first, conn.accessToken]);
});

await step('an unknown refresh token is told as it is', async () => {
    const conn = unconnected({ connection: { refreshToken: 'unknown', accessToken: 'expired' } });
    const error = await failure(conn.query('SELECT Id FROM Account LIMIT 1'));
    assert.equal(error.message, 'Unable to refresh session due to: expired access/refresh token');
});

await step('a dead session without a refresh token is INVALID_SESSION_ID', async () => {
    const conn = unconnected({ oauth2: { clientId: undefined }, connection: { accessToken: 'dead' } });
    const error = await failure(conn.query('SELECT Id FROM Account LIMIT 1'));
    assert.equal(error.errorCode, 'INVALID_SESSION_ID');
});

await step('identity names the user and the org', async () => {
    const conn = await connected();
    const found = await conn.identity();
    assert.equal(found.organization_id, org.org_id);
    assert.equal(found.username, org.username);
    assert.match(found.urls.rest, /\/services\/data\/v\{version\}\/$/);
    assert.equal(conn.userInfo.id, found.user_id);
    assert.equal(conn.userInfo.url, found.id);
});

await step('logging out ends the session', async () => {
    const conn = await connected();
    const token = conn.accessToken;
    await conn.logout();
    const error = await failure(
        unconnected({ oauth2: { clientId: undefined }, connection: { accessToken: token } }).limits(),
    );
    assert.equal(error.errorCode, 'INVALID_SESSION_ID');
});

await step('the version this script uses is one the org lists', async () => {
    const listed = await (await connected()).request('/services/data/');
    assert.ok(listed.some((release) => release.version === VERSION));
});
