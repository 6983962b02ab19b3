// jsforce: single records and collections of Account and Contact, describes, and how a refusal is told.

import assert from 'node:assert/strict';

import { connected } from './jsforce_connections.mjs';
import { failure, fresh, step } from './steps.mjs';

const conn = await connected();
const accounts = conn.sobject('Account');

await step('describe tells fields, types and what may be written', async () => {
    const described = await accounts.describe();
    const fields = new Map(described.fields.map((field) => [field.name, field]));
    assert.equal(described.keyPrefix, '001');
    assert.deepEqual([fields.get('Name').type, fields.get('Name').length], ['string', 255]);
    assert.equal(fields.get('Name').nillable, false);
    assert.equal(fields.get('Zoho_Id__c').externalId, true);
    assert.equal(fields.get('SystemModstamp').updateable, false);
    assert.equal(fields.get('OwnerId').type, 'reference');
    assert.deepEqual(fields.get('OwnerId').referenceTo, ['User']);
});

await step('a describe is cached where the client asks for that', async () => {
    assert.equal(await conn.describe$('Contact'), await conn.describe$('Contact'));
});

await step('the list of objects makes each of them reachable', async () => {
    const { sobjects, maxBatchSize, encoding } = await conn.describeGlobal();
    assert.equal(encoding, 'UTF-8');
    assert.equal(maxBatchSize, 200);
    assert.ok(sobjects.find((object) => object.name === 'Account' && object.createable));
    assert.ok(conn.sobjects.Contact);
});

await step('an unknown object is NOT_FOUND', async () => {
    const error = await failure(conn.describe('Nothing__c'));
    assert.equal(error.errorCode, 'NOT_FOUND');
    assert.equal(error.name, 'NOT_FOUND');
});

await step('a record is created, retrieved, updated and destroyed', async () => {
    const made = await accounts.create({ Name: fresh('One'), AnnualRevenue: 1250, BillingCity: 'Lyon' });
    assert.equal(made.success, true);
    assert.match(made.id, /^001\w{15}$/);
    const read = await accounts.retrieve(made.id);
    assert.equal(read.attributes.type, 'Account');
    assert.equal(read.AnnualRevenue, 1250);
    assert.equal(read.BillingAddress.city, 'Lyon');
    assert.equal(read.Description, null);
    const changed = await accounts.update({ Id: made.id, Description: 'changed' });
    assert.deepEqual(changed, { id: made.id, success: true, errors: [] });
    assert.equal((await accounts.record(made.id).retrieve()).Description, 'changed');
    assert.equal((await accounts.destroy(made.id)).success, true);
    assert.equal((await failure(accounts.retrieve(made.id))).name, 'ENTITY_IS_DELETED');
});

await step('only the fields asked for are retrieved', async () => {
    const { id } = await accounts.create({ Name: fresh('Narrow') });
    const read = await accounts.retrieve(id, { fields: ['Id', 'Name'] });
    assert.deepEqual(Object.keys(read).sort(), ['Id', 'Name', 'attributes']);
});

await step('two hundred and more records are created in several calls', async () => {
    const records = Array.from({ length: 250 }, () => ({ Name: fresh('Many') }));
    const made = await accounts.create(records, { allowRecursive: true });
    assert.equal(made.length, 250);
    assert.ok(made.every((result) => result.success && result.errors.length === 0));
    const found = await accounts.retrieve(made.slice(0, 3).map((result) => result.id));
    assert.deepEqual(found.map((record) => record.Name), records.slice(0, 3).map((record) => record.Name));
    const gone = await accounts.destroy(made.map((result) => result.id), { allowRecursive: true });
    assert.ok(gone.every((result) => result.success));
});

await step('one bad record of several fails alone', async () => {
    const results = await accounts.create([{ Name: fresh('Good') }, { Description: 'no name' }]);
    assert.deepEqual(results.map((result) => result.success), [true, false]);
    const [error] = results[1].errors;
    assert.equal(error.statusCode, 'REQUIRED_FIELD_MISSING');
    assert.deepEqual(error.fields, ['Name']);
});

await step('one bad record of several undoes the others where all or none was asked for', async () => {
    const name = fresh('Undone');
    const results = await accounts.create([{ Name: name }, { Description: 'no name' }], { allOrNone: true });
    const codes = results.map((result) => result.errors[0].statusCode);
    assert.deepEqual(codes, ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING']);
    assert.equal(await accounts.count({ Name: name }), 0);
});

await step('several records are updated, one of them unknown', async () => {
    const { id } = await accounts.create({ Name: fresh('Kept') });
    const results = await accounts.update([
        { Id: id, Description: 'together' },
        { Id: '001000000000000AAA', Description: 'nobody' },
    ]);
    assert.deepEqual(results.map((result) => result.success), [true, false]);
});

await step('an upsert by external id creates, then changes', async () => {
    const key = fresh('key');
    const first = await accounts.upsert({ Name: fresh('Keyed'), Zoho_Id__c: key }, 'Zoho_Id__c');
    assert.deepEqual([first.success, first.created], [true, true]);
    const second = await accounts.upsert({ Description: 'again', Zoho_Id__c: key }, 'Zoho_Id__c');
    assert.deepEqual([second.id, second.created], [first.id, false]);
});

await step('an upsert of several says of each whether it was created', async () => {
    const keys = [fresh('key'), fresh('key')];
    await accounts.upsert({ Name: fresh('Known'), Zoho_Id__c: keys[0] }, 'Zoho_Id__c');
    const records = keys.map((key) => ({ Name: fresh('Either'), Zoho_Id__c: key }));
    const results = await accounts.upsert(records, 'Zoho_Id__c');
    assert.deepEqual(results.map((result) => [result.success, result.created]), [[true, false], [true, true]]);
});

await step('a field nobody knows is INVALID_FIELD', async () => {
    const error = await failure(accounts.create({ Name: fresh('Odd'), Nothing__c: 1 }));
    assert.equal(error.name, 'INVALID_FIELD');
    assert.match(error.message, /^No such column 'Nothing__c' on sobject of type Account$/);
});

await step('a second record with the same external id is DUPLICATE_VALUE', async () => {
    const key = fresh('key');
    await accounts.create({ Name: fresh('First'), Zoho_Id__c: key });
    const error = await failure(accounts.create({ Name: fresh('Second'), Zoho_Id__c: key }));
    assert.equal(error.errorCode, 'DUPLICATE_VALUE');
    assert.match(error.message, /Zoho_Id__c duplicates value on record with id: 001/);
});

await step('a text too long is STRING_TOO_LONG and names the field', async () => {
    const error = await failure(accounts.create({ Name: 'x'.repeat(256) }));
    assert.equal(error.errorCode, 'STRING_TOO_LONG');
    assert.deepEqual(error.data.fields, ['Name']);
});

await step('a contact belongs to its account and goes with it', async () => {
    const account = await accounts.create({ Name: fresh('Parent') });
    const contact = await conn.sobject('Contact').create({ LastName: 'Child', AccountId: account.id });
    await accounts.destroy(account.id);
    const error = await failure(conn.sobject('Contact').retrieve(contact.id));
    assert.equal(error.errorCode, 'ENTITY_IS_DELETED');
});

await step('the header with the client id reaches the events', async () => {
    const named = await connected({ callOptions: { client: 'peer' } });
    const made = await named.sobject('Account').create({ Name: fresh('Named') });
    assert.equal(made.success, true);
});

await step('what the org has used is told with every answer', async () => {
    await conn.query('SELECT Id FROM Account LIMIT 1');
    const before = conn.limitInfo.apiUsage.used;
    const limits = await conn.limits();
    assert.equal(conn.limitInfo.apiUsage.limit, limits.DailyApiRequests.Max);
    assert.equal(conn.limitInfo.apiUsage.used, before + 1);
    assert.ok(limits.DailyApiRequests.Remaining < limits.DailyApiRequests.Max);
});
