// salesforce-pubsub-api-client: change events as it decodes them, positions, demand, errors, the end of a stream.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { connected } from './jsforce_connections.mjs';
import { client, finish, supplied, Topic } from './pubsub_clients.mjs';
import { admin, failure, fresh, org, step } from './steps.mjs';

const ACCOUNTS = '/data/AccountChangeEvent';
const EVERYTHING = '/data/ChangeEvents';
const conn = await connected({ callOptions: { client: 'peer' } });
const accounts = conn.sobject('Account');

async function create(fields = {}) {
    return (await accounts.create({ Name: fresh('Event'), ...fields })).id;
}

await step('a client with a token of its user hears of a new record', async () => {
    const topic = await new Topic(await client(await supplied()), ACCOUNTS).latest(5).live();
    const id = await create({ Industry: 'Energy', BillingCity: 'Bergen', AnnualRevenue: 1250 });
    const payload = await topic.about(id, 'CREATE');
    assert.equal(payload.ChangeEventHeader.entityName, 'Account');
    assert.equal(payload.ChangeEventHeader.changeOrigin, 'com/salesforce/api/rest/61.0;client=peer');
    assert.equal(payload.ChangeEventHeader.commitUser, conn.userInfo.id);
    assert.equal(payload.ChangeEventHeader.sequenceNumber, 1);
    assert.deepEqual(payload.ChangeEventHeader.changedFields, []);
    assert.equal(payload.Industry, 'Energy');
    assert.equal(payload.AnnualRevenue, 1250);
    assert.equal(payload.BillingAddress.City, 'Bergen');
    assert.equal(payload.Description, null);
    assert.ok(payload.LastModifiedDate > 1.7e12);
    assert.equal(topic.info.topicName, ACCOUNTS);
});

await step('client credentials lead to the bus', async () => {
    const made = await client({
        authType: 'oauth-client-credentials',
        loginUrl: org.login_url,
        clientId: org.client_id,
        clientSecret: org.client_secret,
    });
    await new Topic(made, ACCOUNTS).latest(1).live();
});

await step('a signed assertion leads to the bus', async () => {
    const made = await client({
        authType: 'oauth-jwt-bearer',
        loginUrl: org.login_url,
        clientId: org.client_id,
        username: org.username,
        privateKey: readFileSync(org.jwt_private_key_file),
    });
    await new Topic(made, ACCOUNTS).latest(1).live();
});

await step('a name and a password lead to the bus', async () => {
    const made = await client({
        authType: 'username-password',
        loginUrl: org.login_url,
        username: org.username,
        password: org.password,
        userToken: org.security_token,
    });
    await new Topic(made, ACCOUNTS).latest(1).live();
});

await step('a wrong secret is told as the org tells it', async () => {
    const error = await failure(client({
        authType: 'oauth-client-credentials',
        loginUrl: org.login_url,
        clientId: org.client_id,
        clientSecret: 'wrong',
    }));
    assert.match(error.cause.message, /HTTP 400 .*"error": ?"invalid_client"/);
});

await step('bitmaps name what changed, what was emptied and the parts of an address', async () => {
    const id = await create({ Industry: 'Energy', BillingCity: 'Bergen', BillingStreet: 'Quay 1', Phone: '1' });
    const topic = await new Topic(await client(await supplied()), ACCOUNTS).latest(5).live();
    await accounts.update({ Id: id, Industry: null, BillingStreet: 'Quay 2', Description: 'moved' });
    const { ChangeEventHeader: header, ...body } = await topic.about(id, 'UPDATE');
    const changed = ['BillingAddress.Street', 'Description', 'Industry', 'LastModifiedDate'];
    assert.deepEqual([...header.changedFields].sort(), changed);
    assert.deepEqual(header.nulledFields, ['Industry']);
    assert.deepEqual(header.diffFields, []);
    assert.deepEqual([body.Industry, body.Description, body.Phone], [null, 'moved', null]);
    assert.deepEqual([body.BillingAddress.Street, body.BillingAddress.City], ['Quay 2', null]);
});

await step('a long text is sent as a difference', async () => {
    const text = Array.from({ length: 60 }, (_, n) => `line ${n} of a long description`).join('\n');
    const id = await create({ Description: text });
    const topic = await new Topic(await client(await supplied()), ACCOUNTS).latest(5).live();
    await accounts.update({ Id: id, Description: text.replace('line 7 ', 'line seven ') });
    const payload = await topic.about(id, 'UPDATE');
    assert.deepEqual(payload.ChangeEventHeader.diffFields, ['Description']);
    assert.match(payload.Description, /^--- \n\+\+\+ [0-9a-f]{64}\n@@/);
});

await step('deleting is told with nothing but the header', async () => {
    const id = await create();
    const topic = await new Topic(await client(await supplied()), ACCOUNTS).latest(5).live();
    await accounts.destroy(id);
    const { ChangeEventHeader: header, ...body } = await topic.about(id, 'DELETE');
    assert.deepEqual(header.changedFields, []);
    assert.ok(Object.values(body).every((value) => value === null));
});

await step('one channel carries the changes of all selected objects', async () => {
    const topic = await new Topic(await client(await supplied()), EVERYTHING).latest(10).live();
    const id = await create();
    const contact = await conn.sobject('Contact').create({ LastName: 'Nobel', AccountId: id });
    const { ChangeEventHeader: header, Name: name } = await topic.about(contact.id, 'CREATE');
    assert.equal(header.entityName, 'Contact');
    assert.equal(name.LastName, 'Nobel');
    await topic.about(id, 'CREATE');
});

await step('retained events are delivered from the earliest on, in order', async () => {
    const ids = [await create(), await create(), await create()];
    const topic = new Topic(await client(await supplied()), ACCOUNTS).earliest();
    await topic.about(ids[2], 'CREATE');
    const positions = topic.events.map((event) => event.replayId);
    assert.deepEqual(positions, [...positions].sort((left, right) => left - right));
    assert.ok(topic.events.length > 3);
});

await step('a subscription goes on after the event whose id it names', async () => {
    const ids = [await create(), await create(), await create()];
    const made = await client(await supplied());
    const past = new Topic(made, ACCOUNTS).earliest();
    await past.about(ids[2], 'CREATE');
    const [first, ...rest] = ids.map((id) =>
        past.events.find((event) => event.payload.ChangeEventHeader.recordIds.includes(id)).replayId);
    const topic = new Topic(await client(await supplied()), ACCOUNTS).after(first, 2);
    assert.deepEqual((await topic.delivered(2)).map((event) => event.replayId), rest);
});

await step('no more is delivered than was asked for, and the rest when more is', async () => {
    const marked = await create();
    const past = new Topic(await client(await supplied()), ACCOUNTS).earliest();
    await past.about(marked, 'CREATE');
    const { replayId } = past.events.at(-1);
    const ids = [await create(), await create(), await create(), await create()];
    const made = await client(await supplied());
    const topic = new Topic(made, ACCOUNTS).after(replayId, 2);
    await topic.heard('lastEvent');
    assert.equal(topic.events.length, 2);
    made.requestAdditionalEvents(ACCOUNTS, 2);
    await topic.about(ids[3], 'CREATE');
    assert.equal(topic.events.length, 4);
    assert.equal(topic.said.filter((kind) => kind === 'lastEvent').length, 2);
});

await step('a sign of life moves the position on', async () => {
    const topic = await new Topic(await client(await supplied()), ACCOUNTS).latest(1).live();
    assert.equal(typeof topic.info.lastReplayId, 'number');
    const later = new Topic(await client(await supplied()), ACCOUNTS).after(topic.info.lastReplayId, 1);
    const id = await create();
    await later.about(id, 'CREATE');
});

async function refused(subscribe) {
    const topic = subscribe(await client(await supplied()));
    await topic.heard('error');
    const [error] = topic.errors;
    return { code: error.code, details: error.details, machine: error.metadata.get('error-code')[0] };
}

const PREFIX = 'sfdc.platform.eventbus.grpc.';
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const UNAUTHENTICATED = 16;

await step('an id nobody gave out is replayid.corrupted', async () => {
    const error = await refused((made) => new Topic(made, ACCOUNTS).after(2 ** 50, 1));
    assert.equal(error.code, INVALID_ARGUMENT);
    assert.equal(error.machine, `${PREFIX}subscription.fetch.replayid.corrupted`);
    assert.match(error.details, /^The Replay ID validation failed\..*rpcId: \S+$/);
});

await step('an object that sends no events is topic.not.found', async () => {
    const error = await refused((made) => new Topic(made, '/data/NothingChangeEvent').latest(1));
    assert.equal(error.code, NOT_FOUND);
    assert.equal(error.machine, `${PREFIX}topic.not.found`);
});

await step('a dead token is service.auth.error', async () => {
    const way = await supplied();
    await conn.oauth2.revokeToken(way.accessToken);
    const topic = new Topic(await client(way), ACCOUNTS).latest(1);
    await topic.heard('error');
    assert.equal(topic.errors[0].code, UNAUTHENTICATED);
    assert.equal(topic.errors[0].metadata.get('error-code')[0], `${PREFIX}service.auth.error`);
});

await step('gaps and overflows are told by their header alone', async () => {
    const id = await create();
    const topic = await new Topic(await client(await supplied()), ACCOUNTS).latest(5).live();
    await admin('POST', '/events/salesforce', { kind: 'gap', object: 'Account', ids: [id] });
    await admin('POST', '/events/salesforce', { kind: 'overflow', object: 'Account' });
    const gap = await topic.about(id, 'GAP_UPDATE');
    const overflow = await topic.about('000000000000000AAA', 'GAP_OVERFLOW');
    for (const { ChangeEventHeader: header, ...body } of [gap, overflow]) {
        assert.deepEqual(header.changedFields, []);
        assert.ok(Object.values(body).every((value) => value === null));
    }
});

await step('an event that fits no schema is told with its position, and the stream goes on', async () => {
    const topic = await new Topic(await client(await supplied()), ACCOUNTS).latest(5).live();
    const { position } = await admin('POST', '/events/salesforce', { kind: 'undecodable', object: 'Account' });
    await topic.heard('error');
    assert.equal(topic.errors[0].replayId, position);
    const id = await create();
    await topic.about(id, 'CREATE');
});

await step('a stream that ends is taken up again without loss', async () => {
    const made = await client(await supplied());
    const topic = await new Topic(made, ACCOUNTS).latest(5).live();
    const before = await create();
    await topic.about(before, 'CREATE');
    await admin('POST', '/events/salesforce', { kind: 'cut_streams' });
    await topic.heard('error');
    const missed = await create();
    const again = new Topic(made, ACCOUNTS);
    await topic.heard('end');
    again.after(topic.info.lastReplayId, 5);
    await again.about(missed, 'CREATE');
    assert.ok(!again.events.some((event) => event.payload.ChangeEventHeader.recordIds.includes(before)));
});

finish();
