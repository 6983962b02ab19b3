// jsforce and salesforce-pubsub-api-client: an object and a field that the org has of its own.

import assert from 'node:assert/strict';

import { connected } from './jsforce_connections.mjs';
import { client, finish, supplied, Topic } from './pubsub_clients.mjs';
import { failure, fresh, step } from './steps.mjs';

const conn = await connected();
const shelves = conn.sobject('Shelf__c');
const known = {};

await step('a custom object describes itself and is listed', async () => {
    const described = await shelves.describe();
    assert.deepEqual([described.custom, described.label], [true, 'Shelf']);
    const code = described.fields.find((field) => field.name === 'Code__c');
    assert.deepEqual([code.externalId, code.unique, code.custom], [true, true, true]);
    const { sobjects } = await conn.describeGlobal();
    assert.ok(sobjects.some((object) => object.name === 'Shelf__c' && object.custom));
});

await step('a record is upserted by its own external id and belongs to an account', async () => {
    known.account = (await conn.sobject('Account').create({ Name: fresh('Shop'), Tier__c: 'Gold' })).id;
    known.code = fresh('S').slice(0, 20);
    const shelf = { Name: 'One', Code__c: known.code, Account__c: known.account, Places__c: 4 };
    const made = await shelves.upsert(shelf, 'Code__c');
    assert.equal(made.created, true);
    const [found] = await shelves.find({ Code__c: known.code }, 'Id, Places__c, Account__r.Tier__c');
    assert.deepEqual([found.Id, found.Places__c, found.Account__r.Tier__c], [made.id, 4, 'Gold']);
    known.shelf = made.id;
});

await step('its records come with their account', async () => {
    const [found] = await conn
        .sobject('Account')
        .find({ Id: known.account }, 'Id')
        .include('Shelves__r')
        .select('Code__c')
        .end();
    assert.deepEqual(found.Shelves__r.records.map((record) => record.Code__c), [known.code]);
});

await step('a value that is no choice of a restricted list is refused', async () => {
    const error = await failure(conn.sobject('Account').update({ Id: known.account, Tier__c: 'Lead' }));
    assert.equal(error.errorCode, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
});

await step('its changes are events of a topic of its own', async () => {
    const topic = await new Topic(await client(await supplied()), '/data/Shelf__ChangeEvent').latest(5).live();
    await shelves.update({ Id: known.shelf, Places__c: 5 });
    const { ChangeEventHeader: header, Places__c: places } = await topic.about(known.shelf, 'UPDATE');
    assert.deepEqual([header.entityName, places], ['Shelf__c', 5]);
    assert.ok(header.changedFields.includes('Places__c'));
});

finish();
