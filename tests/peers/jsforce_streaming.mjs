// jsforce: change events over CometD, with positions, and what a wrong one or a dead token is told.

import assert from 'node:assert/strict';

import { StreamingExtension } from 'jsforce/lib/api/streaming.js';

import { connected, unconnected } from './jsforce_connections.mjs';
import { fresh, step, until } from './steps.mjs';

const ACCOUNTS = '/data/AccountChangeEvent';
const conn = await connected({ callOptions: { client: 'peer' } });
const accounts = conn.sobject('Account');
const LATEST = -1;
const RETAINED = -2;

/** A subscription that is in force: what it delivers, and the client to end it with. */
async function subscribed(channel, replayId, from = conn) {
    const replay = new StreamingExtension.Replay(channel, replayId);
    const client = from.streaming.createClient([replay]);
    const events = [];
    await client.subscribe(channel, (event) => events.push(event));
    return { client, events, about: (id, kind) => until(() => events.find(concerns(id, kind)), `${kind} of ${id}`) };
}

function concerns(id, kind) {
    return ({ payload: { ChangeEventHeader: header } }) =>
        header.recordIds.includes(id) && header.changeType === kind;
}

async function create(fields = {}) {
    return (await accounts.create({ Name: fresh('Streamed'), ...fields })).id;
}

await step('a new record is heard of, with what was filled in and no more', async () => {
    const topic = await subscribed(ACCOUNTS, LATEST);
    const id = await create({ Industry: 'Energy' });
    const { schema, payload, event } = await topic.about(id, 'CREATE');
    assert.equal(payload.Industry, 'Energy');
    assert.equal('Description' in payload, false);
    assert.equal(payload.ChangeEventHeader.changeOrigin, 'com/salesforce/api/rest/61.0;client=peer');
    assert.match(payload.CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
    assert.match(schema, /^[\w-]{22}$/);
    assert.equal(typeof event.replayId, 'number');
    topic.client.disconnect();
});

await step('an update carries what changed, nothing for what was emptied but null', async () => {
    const id = await create({ Industry: 'Energy', Phone: '1' });
    const topic = await subscribed(ACCOUNTS, LATEST);
    await accounts.update({ Id: id, Industry: null, Description: 'changed' });
    const { payload: { ChangeEventHeader: header, ...body } } = await topic.about(id, 'UPDATE');
    assert.deepEqual([body.Industry, body.Description], [null, 'changed']);
    assert.equal('Phone' in body, false);
    assert.equal('nulledFields' in header, false);
    topic.client.disconnect();
});

await step('retained events are delivered in order', async () => {
    const ids = [await create(), await create()];
    const topic = await subscribed(ACCOUNTS, RETAINED);
    await topic.about(ids[1], 'CREATE');
    const positions = topic.events.map((event) => event.event.replayId);
    assert.deepEqual(positions, positions.toSorted((one, other) => one - other));
    topic.client.disconnect();
});

await step('a subscription goes on after the event whose id it names', async () => {
    const first = await create();
    const topic = await subscribed(ACCOUNTS, RETAINED);
    const { event } = await topic.about(first, 'CREATE');
    topic.client.disconnect();
    const next = await create();
    const later = await subscribed(ACCOUNTS, event.replayId);
    await later.about(next, 'CREATE');
    assert.equal(later.events.some(concerns(first, 'CREATE')), false);
    later.client.disconnect();
});

await step('one channel carries the changes of all selected objects', async () => {
    const topic = await subscribed('/data/ChangeEvents', LATEST);
    const id = await create();
    const contact = await conn.sobject('Contact').create({ LastName: 'Nobel', AccountId: id });
    const { payload } = await topic.about(contact.id, 'CREATE');
    assert.equal(payload.ChangeEventHeader.entityName, 'Contact');
    assert.equal(payload.Name.LastName, 'Nobel');
    topic.client.disconnect();
});

await step('a channel nobody made is refused', async () => {
    const client = conn.streaming.createClient([]);
    const problem = await new Promise((resolve) => {
        client.subscribe('/data/NothingChangeEvent', () => {}).then(() => resolve(null), resolve);
    });
    assert.match(problem.message, /doesn't exist/);
    client.disconnect();
});

await step('an id nobody gave out is refused', async () => {
    const client = conn.streaming.createClient([new StreamingExtension.Replay(ACCOUNTS, 2 ** 40)]);
    const problem = await new Promise((resolve) => {
        client.subscribe(ACCOUNTS, () => {}).then(() => resolve(null), resolve);
    });
    assert.match(problem.message, /The replayId \{?\d+\}? you provided was invalid/);
    client.disconnect();
});

await step('a dead token is told at the handshake', async () => {
    const dead = unconnected({ connection: { accessToken: 'dead' } });
    const told = await new Promise((resolve) => {
        const failed = new StreamingExtension.AuthFailure(resolve);
        dead.streaming.createClient([failed]).subscribe(ACCOUNTS, () => {});
    });
    assert.equal(told.error, '403::Handshake denied');
    assert.equal(told.ext.sfdc.failureReason, '401::Authentication invalid');
});

process.exit();
